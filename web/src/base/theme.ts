// Light or dark, and how large: the system's light and normal text until the reader chooses.

import { ref } from 'vue'

export type Theme = 'light' | 'dark'
export type Size = 'normal' | 'large' | 'phone' | 'elder'

const system = matchMedia('(prefers-color-scheme: dark)')
const stored = <T extends string>(name: string, known: readonly T[]): T | null =>
  known.find((one) => one === localStorage.getItem(name)) ?? null
const themes = ['light', 'dark'] as const
const sizes = ['normal', 'large', 'phone', 'elder'] as const

export const theme = ref<Theme>('light')
export const size = ref<Size>('normal')
export const themeChosen = ref(false)

function show(): void {
  document.documentElement.dataset['theme'] = theme.value
  document.documentElement.dataset['size'] = size.value
}

/** `fallback` is the size of the entry before anybody chooses: phone in the field. Call before mounting. */
export function startTheme(fallback: Size = 'normal'): void {
  const own = stored('theme', themes)
  themeChosen.value = own !== null
  theme.value = own ?? (system.matches ? 'dark' : 'light')
  size.value = stored('size', sizes) ?? fallback
  show()
  system.addEventListener('change', () => {
    if (themeChosen.value) return
    theme.value = system.matches ? 'dark' : 'light'
    show()
  })
  // chosen in another window of the same reader
  addEventListener('storage', (event) => {
    if (event.key !== 'theme' && event.key !== 'size') return
    const now = stored('theme', themes)
    themeChosen.value = now !== null
    theme.value = now ?? (system.matches ? 'dark' : 'light')
    size.value = stored('size', sizes) ?? fallback
    show()
  })
}

/** `null` leaves the choice to the system. */
export function chooseTheme(value: Theme | null): void {
  themeChosen.value = value !== null
  if (value) localStorage.setItem('theme', value)
  else localStorage.removeItem('theme')
  theme.value = value ?? (system.matches ? 'dark' : 'light')
  show()
}

export function chooseSize(value: Size): void {
  localStorage.setItem('size', value)
  size.value = value
  show()
}
