// Keeps the field entry on the phone: its page and what the page names. The newest page wins when there is a
// network; without one the kept page opens. Calls to the API are never touched.

interface Worker {
  addEventListener(type: string, listener: (event: Event & Work) => void): void
  skipWaiting(): Promise<void>
  clients: { claim(): Promise<void> }
  registration: { scope: string }
}
interface Work {
  request: Request
  waitUntil(work: Promise<unknown>): void
  respondWith(answer: Promise<Response>): void
}
const worker = self as unknown as Worker
const page = worker.registration.scope
const named = /(?:src|href)="([^"#]+\.(?:js|css|svg))"/g

/** Keeps the page only after everything it names is here, so that what opens offline is whole. */
async function keep(answer: Response): Promise<void> {
  const text = await answer.clone().text()
  const cache = await caches.open('field')
  const wanted = [...text.matchAll(named)].map((found) => new URL(found[1]!, page).href)
  for (const one of wanted) if (!(await cache.match(one))) await cache.add(one)
  const before = await (await cache.match(page))?.text()
  await cache.put(page, answer)
  if (before === undefined || before === text) return
  for (const request of await cache.keys())
    if (request.url !== page && !wanted.includes(request.url)) await cache.delete(request)
}

async function shown(event: Work): Promise<Response> {
  const stop = new AbortController()
  const timer = setTimeout(() => stop.abort(), 3000)
  try {
    const answer = await fetch(page, { signal: stop.signal, cache: 'no-cache' })
    if (!answer.ok) throw new Error(String(answer.status))
    event.waitUntil(keep(answer.clone()))
    return answer
  } catch {
    return (await caches.match(page)) ?? Response.error()
  } finally {
    clearTimeout(timer)
  }
}

async function part(request: Request): Promise<Response> {
  const kept = await caches.match(request)
  if (kept) return kept
  const answer = await fetch(request)
  if (answer.ok) await (await caches.open('field')).put(request, answer.clone())
  return answer
}

worker.addEventListener('install', (event) => {
  event.waitUntil(
    fetch(page, { cache: 'no-cache' })
      .then(keep)
      .then(() => worker.skipWaiting()),
  )
})
worker.addEventListener('activate', (event) => event.waitUntil(worker.clients.claim()))
worker.addEventListener('fetch', (event) => {
  const { request } = event
  if (request.method !== 'GET') return
  const path = new URL(request.url).pathname
  if (request.mode === 'navigate') event.respondWith(shown(event))
  else if (/\/assets\/|\/icon\.svg$/.test(path)) event.respondWith(part(request))
})
