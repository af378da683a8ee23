// Elements without a framework. Texts go in as texts: nothing a server or a person wrote is ever read as HTML.

export type Kid = Node | string | null | undefined | false | Kid[]
type Given = Record<string, string | number | boolean | undefined | ((event: Event) => void)>

export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  given: Given = {},
  ...kids: Kid[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(given)) {
    if (typeof value === 'function') made.addEventListener(name.slice(2), value)
    else if (value !== undefined && value !== false)
      made.setAttribute(name, value === true ? '' : String(value))
  }
  put(made, kids)
  return made
}

export function put(parent: Node, kids: Kid[]): void {
  for (const kid of kids) {
    if (Array.isArray(kid)) put(parent, kid)
    else if (kid) parent.appendChild(typeof kid === 'string' ? document.createTextNode(kid) : kid)
  }
}

const shapes = {
  tick: 'M4.7 10.2.8 6.3l1.3-1.3 2.6 2.6L9.9 2.4l1.3 1.3z',
  no: 'M6 .9a5.1 5.1 0 1 0 0 10.2A5.1 5.1 0 0 0 6 .9zM2.5 6a3.5 3.5 0 0 1 5.55-2.85l-4.9 4.9A3.5 3.5 0 0 1 2.5 6zm1.65 2.95 4.9-4.9a3.5 3.5 0 0 1-4.9 4.9z',
  half: 'M6 1.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9zm0 1.6v5.8a2.9 2.9 0 1 1 0-5.8z',
  ring: 'M6 1.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9zm0 1.6a2.9 2.9 0 1 1 0 5.8 2.9 2.9 0 0 1 0-5.8z',
  dot: 'M6 1.5a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9z',
}
/** A shape stands beside a word that says the same. */
export function shape(name: keyof typeof shapes): SVGElement {
  const space = 'http://www.w3.org/2000/svg'
  const svg = document.createElementNS(space, 'svg')
  svg.setAttribute('class', 'shape')
  svg.setAttribute('viewBox', '0 0 12 12')
  svg.setAttribute('aria-hidden', 'true')
  const path = document.createElementNS(space, 'path')
  path.setAttribute('d', shapes[name])
  svg.appendChild(path)
  return svg
}
