// The inspector's phone against a bad day: the browser is killed at eleven points of one visit, the network
// fails, answers are lost and delivered twice. In the end the server has each act once, in order, whole.
//   node test/field.mjs [BASE_URL] [--shots DIR] [--flow] [--chromium PATH]
// --flow leaves out the walk through every screen.
// Without BASE_URL it runs against the stand-in of test/mock/doors.mjs and can count what was recorded.
// mission: H8
// mission: G8

import { mkdirSync } from 'node:fs'
import { memory, serve } from './mock/doors.mjs'
import {
  between,
  check,
  end,
  firstContent,
  gates,
  killable,
  launch,
  listen,
  prepare,
} from './doors_browser.mjs'

const own = process.argv[2]?.startsWith('http') ? null : memory()
const server = own ? await serve(own) : null
const target = own ? `http://127.0.0.1:${server.address().port}` : process.argv[2]
const shotsAt = process.argv.indexOf('--shots')
const shots = shotsAt > 0 ? process.argv[shotsAt + 1] : ''
if (shots) mkdirSync(shots, { recursive: true })
const proxy = await between(target)
const { state, base } = proxy
const offline = (on) => {
  state.rule = on ? () => 'offline' : () => ''
}
const photo = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)
const picture = (name) => ({
  name,
  mimeType: 'image/png',
  buffer: Buffer.concat([photo, Buffer.alloc(60_000, name)]),
})

const phone = await killable()
let page = await phone.start()
async function shot(name) {
  if (shots) await page.screenshot({ path: `${shots}/field-${name}.png` })
}
async function signIn(role) {
  await page.waitForSelector('main h1')
  await page.waitForTimeout(own ? 0 : 1000) // a kept session is shown before the server is asked
  if (await page.locator('#sign-name').isVisible())
    await page.getByRole('button', { name: role }).first().click()
  await page.waitForSelector('#sign-name', { state: 'hidden' })
  await page.waitForSelector('.ph-foot, .sent, .empty, .lede')
}
async function restart(path) {
  await phone.kill()
  page = await phone.start()
  await page.goto(base + '/field/' + path)
  await page.waitForSelector('main h1')
  await page.waitForTimeout(150)
}
async function sign(n) {
  const pad = page.locator('.pad').nth(n)
  await pad.scrollIntoViewIfNeeded()
  await pad.locator('canvas').evaluate((canvas) => canvas.scrollIntoView({ block: 'center' }))
  const box = await pad.locator('canvas').boundingBox()
  await page.mouse.move(box.x + 30, box.y + 30)
  await page.mouse.down()
  for (let k = 1; k < 16; k += 1) await page.mouse.move(box.x + 30 + 16 * k, box.y + 45 + 25 * Math.sin(k))
  await page.mouse.up()
  await pad.getByRole('button', { name: /^签好了/ }).click()
  await pad.getByText(/已签/).first().waitFor()
}
const kills = []
const killed = (where) => kills.push(where)

await page.goto(base + '/field/')
await signIn('检查员')
await page
  .getByRole('link', { name: /药房|药店/ })
  .first()
  .waitFor()
await page.evaluate(async () => {
  await navigator.serviceWorker.ready
  while (!(await caches.match(new URL('./', location.href).href)))
    await new Promise((resolve) => setTimeout(resolve, 50))
})
await page.waitForTimeout(800) // checklists and histories are fetched behind the list
await shot('stops')
const stop = page.locator('.link-row').first()
const store = await stop.locator('b').textContent()

offline(true)
await stop.click()
await page.getByRole('button', { name: '开始检查' }).click()
await page.waitForSelector('.ck')
const visit = new URL(page.url()).hash
await restart(visit)
killed('after open')
check(await page.locator('.ck').first().isVisible(), 'the visit opens again without a network')

await page.getByRole('button', { name: '以上手续都已办理' }).click()
await page.locator('fieldset input[type=checkbox]').first().check()
const rows = page.locator('.ck > li:has(.seg)')
// a row that is answered folds and is no row of these any more: they are known by their ids
const [, , bad, free] = await rows.evaluateAll((all) => all.map((one) => one.id))
await rows.nth(0).getByRole('button', { name: '符合', exact: true }).click()
await page
  .locator('#' + bad)
  .getByRole('button', { name: '不符合' })
  .click()
await page.locator(`#${bad} textarea`).waitFor()
if (own) {
  const choices = (row) => row.locator('.seg').first().locator('button').count()
  check((await choices(page.locator('#' + bad))) === 2, 'what holds for everybody offers no “not applicable”')
  check((await choices(page.locator('#' + free))) === 3, 'what may not apply says so')
}
await restart(visit)
killed('in the middle of the checklist')
check((await page.locator('.done-line').count()) === 1, 'an item that conforms is still answered')
check(await page.locator(`#${bad} [aria-pressed=true]`).first().isVisible(), 'the finding is still there')
check(
  (await page.locator('.choice input:checked').count()) > 1,
  'formalities and the second inspector are kept',
)

const words = '盐酸二甲双胍缓释片 12 盒，批号 241103，𬬻字货签，不能提供随货同行单。'
await page.locator(`#${bad} textarea`).fill(words)
await page.waitForTimeout(250) // a save may take 100 ms; the machine of a test is busy
await restart(visit)
killed('after typing')
check(
  (await page.locator(`#${bad} textarea`).inputValue()) === words,
  'typed words are kept, rare characters too',
)

await page.locator(`#${bad} input[type=file]`).setInputFiles(picture('shelf.png'))
await page.locator(`#${bad} .shot canvas`).waitFor()
await restart(visit)
killed('after a photo')
check((await page.locator(`#${bad} .shot canvas`).count()) === 1, 'the photo is kept')
await page.locator(`#${bad} input[type=file]`).setInputFiles(picture('box.png'))
await page.locator(`#${bad} .shot canvas`).nth(1).waitFor()
await shot('checklist')
for (const box of await page.locator('.ck input[inputmode=decimal]').all()) await box.fill('12')
for (const box of await page.locator('.ck .measure textarea').all()) await box.fill('已查看')
await page.getByRole('button', { name: /其余/ }).click()
await page.getByRole('button', { name: '去确认与签名' }).click()
await page.waitForSelector('.pad')
const signing = new URL(page.url()).hash
const seenFindings = Number(/\d+/.exec(await page.locator('.kv dd').first().textContent())?.[0])
await page.locator('#remarks').fill('情况属实，三日内补交。')
await sign(0)
await restart(signing)
killed('after the first signature')
check((await page.getByText(/已签/).count()) > 0, 'the first signature is kept')
check((await page.locator('#remarks').inputValue()) === '情况属实，三日内补交。', 'the remarks are kept')
await page.locator('#signer').fill('罗晴川')
await sign(1)
await restart(signing)
killed('after both signatures')
check((await page.locator('.pad .hint', { hasText: '已签' }).count()) === 2, 'both signatures are kept')
check((await page.locator('#signer').inputValue()) === '罗晴川', 'the name is kept')
await shot('sign')
await page.getByRole('button', { name: '完成检查，放入待发送' }).click()
await page.getByRole('heading', { name: /1 条在本机/ }).waitFor()
await shot('outbox')
const [handed] = await page.evaluate(
  () =>
    new Promise((resolve) => {
      indexedDB.open('qingyuan-field').onsuccess = ({ target }) =>
        (target.result.transaction('queue').objectStore('queue').getAll().onsuccess = (got) => resolve(got.target.result))
    }),
)
await restart('#/outbox')
killed('after handing in, before anything was sent')
check(await page.getByText(store).first().isVisible(), 'the queue is kept')

/** Lets requests pass until one fits, holds that one, and kills the browser there. */
async function killAt(where, fits, when) {
  let reached
  const arrived = new Promise((resolve) => (reached = resolve))
  let release
  const held = new Promise((resolve) => (release = resolve))
  state.rule = (method, path) => {
    if (!fits(method, path)) return ''
    reached()
    return when === 'before' ? held.then(() => 'offline') : 'lost'
  }
  if (page.isClosed()) page = await phone.start()
  await page.goto(base + '/field/#/outbox')
  await page.reload()
  if (!own) await signIn('检查员')
  await Promise.race([
    arrived,
    new Promise((_, reject) => setTimeout(() => reject(new Error('never reached: ' + where)), 15_000)),
  ])
  if (when === 'after') await page.waitForTimeout(60)
  await phone.kill()
  release()
  killed(where)
  offline(true)
  page = await phone.start()
  await page.goto(base + '/field/#/outbox')
  await page.waitForSelector('main h1')
  check(await page.getByText(store).first().isVisible(), `the queue is kept: ${where}`)
}
let chunks = 0
await killAt(
  'in the middle of an upload',
  (method, path) => method === 'PUT' && path.includes('/chunks/') && ++chunks === 3,
  'before',
)
await killAt(
  'after the uploads, before the visit',
  (method, path) => method === 'POST' && path === '/api/field/visits',
  'before',
)
await killAt(
  'after the server acted, before its answer',
  (method, path) => method === 'POST' && path === '/api/field/visits',
  'after',
)
if (own) check(own.visits.length === 1, 'the server acted once')

// the answer arrives and the browser dies with it: sent again or wiped, never doubled
state.rule = () => ''
const answer = page.waitForResponse((one) => one.url().endsWith('/api/field/visits'), { timeout: 20_000 }).catch(() => undefined)
await page.reload()
if (!own) await signIn('检查员')
await answer
await phone.kill()
killed('after the answer, before the wipe')
page = await phone.start()
await page.goto(base + '/field/#/outbox')
if (!own) await signIn('检查员')
await page.goto(base + '/field/#/outbox')
await page.getByRole('heading', { name: '没有待发送的内容' }).waitFor({ timeout: 15_000 })
check(await page.locator('.sent').first().isVisible(), 'what was delivered is listed')
const left = await page.evaluate(
  () =>
    new Promise((resolve) => {
      const opened = indexedDB.open('qingyuan-field')
      opened.onsuccess = () => {
        const work = opened.result.transaction(['photos', 'queue', 'drafts'])
        const counts = ['photos', 'queue', 'drafts'].map((name) => work.objectStore(name).count())
        work.oncomplete = () => resolve(counts.map((one) => one.result))
      }
    }),
)
check(left.join() === '0,0,0', `nothing of the visit stays on the phone: photos, queue, drafts ${left}`)
await shot('sent')
if (own) {
  const [one] = own.visits
  check(own.visits.length === 1, `one visit on the server: ${own.visits.length}`)
  check(
    one.findings.length === 1 && one.findings[0].description === words,
    'the finding arrived word for word',
  )
  check(
    one.captured_at.startsWith('2025-07-02'),
    `the time is put right by the server's clock: ${one.captured_at}`,
  )
  check(one.photos.length === 3, `two photos and the inspectors' signature: ${one.photos.length}`)
  check(one.photos.filter((row) => row.finding === 0).length === 2, 'both photos belong to the finding')
  check(
    one.signature.mode === 'signed' && own.evidence.has(one.signature.evidence),
    'the signature is evidence',
  )
  check(one.remarks === '情况属实，三日内补交。' && one.form.version === own.form, 'remarks and form version')
  check(
    new Set(one.answers.map((row) => row.item)).size === one.answers.length && one.answers.length === 6,
    'each item once',
  )
}
if (!own) {
  const whole = await page.evaluate(
    async (id) => (await fetch('../api/dossiers/' + encodeURIComponent(id))).json(),
    decodeURIComponent(visit.replace('#/visit/', '')),
  )
  const taken = (whole.timeline ?? []).map((one) => one.step?.id ?? one.step).filter(Boolean)
  const times = (name) => taken.filter((one) => one === name).length
  check(
    times('go') === 1 && times('record_finding') === seenFindings && times('sign') === 1,
    `each step once: ${taken.join(' ')}`,
  )
  check(whole.state?.id === 'record_signed', `the visit is signed: ${whole.state?.id}`)
}
check(kills.length === 11, `killed ${kills.length} times: ${kills.join('; ')}`)

if (own) {
  // two stops in the queue, a server that stumbles and a network that repeats: order kept, each once
  async function quick(name) {
    await page.goto(base + '/field/#/')
    await page.getByRole('link', { name: new RegExp(name) }).click()
    await page.getByRole('button', { name: '开始检查' }).click()
    await page.getByRole('button', { name: '以上手续都已办理' }).click()
    await page.locator('fieldset input[type=checkbox]').first().check()
    for (const box of await page.locator('.ck input[inputmode=decimal]').all()) await box.fill('12')
    await page.getByRole('button', { name: /其余/ }).click()
    await page.getByRole('button', { name: '去确认与签名' }).click()
    await page.waitForSelector('.pad')
    await sign(0)
    await page.getByRole('button', { name: '无法签字' }).click()
    await page.locator('input[type=file]').setInputFiles(picture(name + '.png'))
    await page.locator('.shot canvas').waitFor()
    await page.getByRole('button', { name: '完成检查，放入待发送' }).click()
    await page.getByRole('heading', { name: /条在本机/ }).waitFor()
  }
  await page.reload()
  await page.waitForSelector('main h1')
  offline(true)
  await quick('合江套药房')
  await quick('松木百姓药房')
  own.form = '2025-07-02-bbbb2222' // the form changes while the phone is away
  // it stumbles until that was seen: a phone that finds the network by itself asks before anybody presses
  let stumbles = true
  state.rule = (method, path) => {
    if (method !== 'POST' || !path.endsWith('/visits')) return path.includes('/chunks/') ? 'twice' : ''
    return stumbles ? '503' : 'twice'
  }
  await page.getByRole('button', { name: /立即发送|没有网络/ }).click()
  await page.getByText(/\d+ 次没有发出/).first().waitFor()
  check(own.visits.length === 1, 'a stumbling server recorded nothing')
  stumbles = false
  await page.locator('[data-state=changed]').nth(1).waitFor({ timeout: 30_000 }) // by itself, after the wait
  check((await page.locator('[data-state=changed]').count()) === 2, 'both came back because the form changed')
  await shot('form-changed')
  for (const name of ['合江套药房', '松木百姓药房']) {
    await page.goto(base + '/field/#/outbox')
    await page
      .locator('[data-state=changed]', { hasText: name })
      .getByRole('button', { name: /补答/ })
      .click()
    await page.getByText('检查表换了新版本').waitFor()
    check(
      (await page.locator('.change').count()) === 2,
      `${name}: the changed and the added item are asked again`,
    )
    await shot('asked-again')
    check(
      (await page.getByRole('button', { name: /其余/ }).count()) === 0,
      'what changed is not confirmed in a heap',
    )
    for (const item of ['r04', 'r07'])
      await page.locator(`#item-${item}`).getByRole('button', { name: '符合', exact: true }).click()
    await page.getByRole('button', { name: '去确认与签名' }).click()
    await page.getByRole('button', { name: '完成检查，放入待发送' }).click()
    await page
      .getByRole('heading', { name: /待发送|条在本机/ })
      .first()
      .waitFor()
  }
  await page.getByRole('heading', { name: '没有待发送的内容' }).waitFor({ timeout: 20_000 })
  check(own.visits.length === 3, `three visits, each once: ${own.visits.length}`)
  check(
    own.visits
      .slice(1)
      .map((one) => one.form.version)
      .join() === '2025-07-02-bbbb2222,2025-07-02-bbbb2222',
    'the new version travels with the answers',
  )
  check(
    own.visits
      .slice(1)
      .every(
        (one) => one.answers.length === 7 && one.signature.mode === 'absent' && one.recording.length === 1,
      ),
    'seven answers, absent, recorded',
  )

  // a week without a network: 200 visits with 500 photos wait, answers are lost, requests come twice, the browser dies on the way
  own.form = handed.draft.form.version
  offline(true)
  await page.evaluate(async (template) => {
    const hex = (bytes) => [...new Uint8Array(bytes)].map((one) => one.toString(16).padStart(2, '0')).join('')
    const made = []
    for (let n = 1; n <= 200; n += 1) {
      const captures = []
      for (let k = 0; k < 2 + (n % 2); k += 1) {
        const bytes = new TextEncoder().encode(`photo ${n} ${k} `.repeat(1_500))
        const sha256 = hex(await crypto.subtle.digest('SHA-256', bytes))
        captures.push({ id: `heap-${n}-${k}`, name: 'photo.png', bytes: bytes.length, sha256, as: 'photo', item: '', taken_at: template.saved_at, blob: new Blob([bytes]) })
      }
      const plain = captures.map(({ blob, ...one }) => one)
      const files = plain.map(({ id, name, bytes, sha256 }) => ({ id, sending: { key: id, name, bytes, sha256, upload: '', evidence: '', sent: 0 } }))
      const dossier = `heap-${n}`
      const draft = { ...template.draft, dossier, captures: plain, findings: {}, mode: 'absent' }
      made.push([{ ...template, id: dossier, key: dossier, dossier, title: dossier, order: 1_000 + n, files, draft }, captures])
    }
    await new Promise((resolve) => {
      indexedDB.open('qingyuan-field').onsuccess = ({ target }) => {
        const work = target.result.transaction(['queue', 'photos'], 'readwrite')
        for (const [item, captures] of made) {
          work.objectStore('queue').put(item, item.id)
          for (const one of captures) work.objectStore('photos').put(one.blob, one.id)
        }
        work.oncomplete = resolve
      }
    })
  }, handed)
  await restart('#/outbox')
  await page.getByRole('heading', { name: /200 条在本机/ }).waitFor()
  const before = own.evidence.size
  let requests = 0
  const unsteady = () => {
    requests += 1
    return requests % 400 === 0 ? 'lost' : requests % 9 === 0 ? 'twice' : ''
  }
  state.rule = unsteady
  await page.reload()
  while (own.visits.length < 60) await page.waitForTimeout(200)
  offline(true)
  await restart('#/outbox')
  check(/1\d\d 条在本机/.test(await page.locator('main h1, main h2').first().textContent()), 'killed on the way: the rest is kept')
  state.rule = unsteady
  await page.reload()
  await page.getByRole('heading', { name: '没有待发送的内容' }).waitFor({ timeout: 500_000 })
  const heap = own.visits.slice(3).map((one) => one.dossier)
  check(heap.join() === Array.from({ length: 200 }, (_, n) => `heap-${n + 1}`).join(), `200 visits, each once and in order: ${heap.length}`)
  check(own.evidence.size - before === 500, `500 photos are evidence: ${own.evidence.size - before}`)

  // a village informant writes a clue where there is no network
  await page.evaluate(() => fetch('../api/session', { method: 'DELETE' }))
  own.signed = null
  await page.goto(base + '/field/')
  await page.reload()
  await page.getByRole('button', { name: /信息员/ }).click()
  await page.getByRole('heading', { name: '报一条线索' }).waitFor()
  offline(true)
  await page.getByRole('button', { name: '提交线索' }).click()
  check((await page.locator('.err').count()) === 2, 'an empty clue says what is missing')
  await page.locator('#store').fill('村口流动药贩')
  await page.locator('#text').fill('卖没有包装的药丸')
  await page.waitForTimeout(400)
  await restart('')
  check((await page.locator('#store').inputValue()) === '村口流动药贩', 'a clue being written is kept')
  await page.locator('input[type=file]').setInputFiles(picture('pills.png'))
  await page.locator('.shot canvas').waitFor()
  await page.getByRole('button', { name: '提交线索' }).click()
  await page.getByText(/已存好/).waitFor()
  state.rule = () => 'twice'
  await restart('')
  await page.locator('.plain-row', { hasText: '村口流动药贩' }).waitFor({ timeout: 15_000 })
  check(
    own.clues.length === 1 && own.clues[0].evidence.length === 1,
    `one clue with one photo: ${own.clues.length}`,
  )
  await shot('clue')
}
await phone.kill()
phone.clear()
state.rule = () => ''

// every screen through the gates
const browser = await launch()
const screens = [
  ['stops', '#/'],
  ['stop', '#/stop/'],
  ['visit', '#/visit/'],
  ['sign', '#/sign/'],
  ['outbox', '#/outbox'],
  ['settings', '#/settings'],
  ['gone', '#/stop/none'],
]
if (own) {
  own.form = '2025-01-01-aaaa1111'
  own.visits.length = 0
}
const looks = [
  { theme: 'light' },
  { theme: 'dark' },
  { theme: 'light', size: 'elder' },
  { theme: 'light', outdoor: true },
  { theme: 'light', language: 'en' },
]
for (const look of process.argv.includes('--flow') ? [] : looks)
  for (const filled of own ? ['full', 'empty', 'error'] : ['full']) {
    if (own) own.empty = filled === 'empty'
    const label = `${Object.values(look).join('-')}-${filled}`
    const context = await prepare(
      await browser.newContext({
        viewport: { width: 320, height: 720 },
        serviceWorkers: 'block',
        reducedMotion: 'reduce',
      }),
      look,
    )
    const one = await context.newPage()
    listen(one, label)
    const tap = look.size === 'elder' ? 60 : 44
    await one.goto(base + '/field/')
    if (own) {
      own.signed = null
      await one.reload()
    }
    await one.waitForSelector('.sign-in')
    await gates(one, `sign-in ${label}`, { tap })
    if (filled === 'error')
      await one.route('**/api/field/**', (route) =>
        route.fulfill({
          status: 403,
          contentType: 'application/problem+json',
          body: JSON.stringify({
            type: 'urn:x',
            title: 'Refused 无权访问',
            status: 403,
            code: 'access_denied',
            detail: '',
            next: '',
          }),
        }),
      )
    await one.getByRole('button', { name: look.language === 'en' ? /^Inspector/ : /^检查员/ }).click()
    await one.waitForSelector('.ph-foot')
    await one.waitForTimeout(400)
    const first = one.locator('a.link-row').first()
    const dossier = (await first.count()) ? (await first.getAttribute('href')).replace('#/stop/', '') : ''
    if (dossier) {
      await first.click()
      await one.locator('.ph-foot .btn-primary').click()
      await one.waitForSelector('.ck')
      await one.locator('.ck .seg button').nth(1).click()
    }
    for (const [name, hash] of screens) {
      if (hash.endsWith('/') && hash !== '#/' && !dossier) continue
      await one.goto(base + '/field/' + hash + (hash.endsWith('/') && hash !== '#/' ? dossier : ''))
      await one.waitForSelector('main h1')
      await gates(one, `${name} ${label}`, { tap })
    }
    await context.close()
  }
console.log(
  `first content, 4 Mbit/s, CPU x4: field ${await firstContent(browser, base + '/field/', 'main h1')} ms`,
)
await browser.close()
proxy.close()
server?.close()
end('field')
