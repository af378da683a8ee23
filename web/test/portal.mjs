// An enterprise answers a rectification: drafts that survive, a file sent in chunks over a network that breaks,
// errors beside their fields, a matter that changed meanwhile; then the roster. Every screen passes the gates.
//   node test/portal.mjs [BASE_URL] [--shots DIR] [--flow] [--chromium PATH]
// --flow leaves out the walk through every screen.
// mission: G17

import { mkdirSync } from 'node:fs'
import { memory, serve } from './mock/doors.mjs'
import { between, check, end, firstContent, gates, launch, listen, prepare } from './doors_browser.mjs'

const own = process.argv[2]?.startsWith('http') ? null : memory()
const server = own ? await serve(own) : null
const proxy = await between(own ? `http://127.0.0.1:${server.address().port}` : process.argv[2])
const { state, base } = proxy
const shotsAt = process.argv.indexOf('--shots')
const shots = shotsAt > 0 ? process.argv[shotsAt + 1] : ''
if (shots) mkdirSync(shots, { recursive: true })
const browser = await launch()
// more than two chunks: 16 KiB each at the stand-in, 4 MiB at the server
const pdf = Buffer.concat([Buffer.from('%PDF-1.4\n'), Buffer.alloc(own ? 100_000 : 13_000_000, 'x')])

async function signIn(page, english = false) {
  await page.goto(base + '/portal/')
  await page.waitForSelector('main h1')
  if (await page.locator('#sign-name').isVisible())
    await page
      .getByRole('button', { name: english ? /^User of an operator/ : /^企业用户/ })
      .first()
      .click()
  await page.locator('.places').waitFor()
  await page.locator('main .lede').first().waitFor()
}

let path = '' // of the matter that is answered
{
  const context = await prepare(await browser.newContext({ viewport: { width: 1440, height: 900 } }))
  const page = await context.newPage()
  listen(page, 'rectification')
  await signIn(page)
  if (shots) await page.screenshot({ path: `${shots}/portal-today.png`, fullPage: true })
  const order = page
    .locator('.todo li')
    .filter({ has: page.locator('a.btn') })
    .first()
  await order.locator('a.btn').click()
  await page.locator('.step-form').waitFor()
  path = new URL(page.url()).hash
  if (shots) await page.screenshot({ path: `${shots}/portal-matter.png`, fullPage: true })
  await page.getByRole('button', { name: '提交', exact: true }).click()
  await page.locator('.step-form .err').first().waitFor()
  check(
    (await page.locator('.step-form .err').count()) >= 1,
    'an empty answer says what is missing, beside the fields',
  )
  const area = page.locator('.step-form textarea[aria-required="true"]').first()
  const words = '已补齐 12 盒的随货同行单和发票，建立逐批核对记录。'
  await area.fill(words)
  await page.getByText(/草稿 .* 已自动保存/).waitFor()
  await page.waitForTimeout(100)
  await page.reload()
  await page.locator('.step-form').waitFor()
  check((await area.inputValue()) === words, 'a draft survives closing the page')

  {
    let chunks = 0
    state.rule = (method, url) =>
      method === 'PUT' && url.includes('/chunks/') && (chunks += 1) > 2 ? 'offline' : ''
    await page
      .locator('.step-form input[type=file]')
      .setInputFiles({ name: '票据.pdf', mimeType: 'application/pdf', buffer: pdf })
    await page.getByText(/没有传完/).waitFor()
    state.rule = () => ''
    await page.reload() // the bytes are in the draft: nothing has to be chosen again
    await page.getByText('已传完').waitFor({ timeout: own ? 10_000 : 60_000 })
    if (own) {
      const parts = [...own.uploads.values()]
      check(parts.length === 1 && parts[0].evidence !== null, `one upload, resumed: ${parts.length}`)
    }
    check(chunks >= 3, `a piece was lost and sent again: ${chunks}`)
    const date = page.locator('input[type=date]')
    if (await date.count()) {
      await date.fill('2099-01-01')
      await page.getByRole('button', { name: '提交', exact: true }).click()
      await page.getByText(/不能晚于今天/).waitFor()
      check((await area.inputValue()) === words, 'a refusal loses nothing')
      await date.fill('2025-07-01')
    }
    state.rule = (method, url) => (method === 'POST' && url.includes('/steps/') ? 'lost' : '')
    await page.getByRole('button', { name: '提交', exact: true }).click()
    await page.getByText('重复提交不会变成两份').waitFor()
    state.rule = () => 'twice'
    await page.getByRole('button', { name: '提交', exact: true }).click()
    await page.getByText('已提交：提交整改报告').waitFor()
    state.rule = () => ''
    if (own)
      check(
        own.answered?.form.measures === words && own.answered.form.proof.length === 1,
        'the answer arrived once, with its file',
      )
    else {
      await page.reload()
      await page.getByText(words).first().waitFor()
      check((await page.getByText('提交整改报告').count()) >= 1, 'the answer stands in the matter')
    }
    const left = await page.evaluate(
      () =>
        new Promise((resolve) => {
          const opened = indexedDB.open('qingyuan-portal')
          opened.onsuccess = () => {
            const work = opened.result.transaction(['drafts', 'files'])
            const counts = ['drafts', 'files'].map((name) => work.objectStore(name).count())
            work.oncomplete = () => resolve(counts.map((one) => one.result).join())
          }
        }),
    )
    check(left === '0,0', `no draft and no file stays behind: ${left}`)
    if (shots) await page.screenshot({ path: `${shots}/portal-done.png`, fullPage: true })
  }
  if (own) {
    await page.goto(base + '/portal/#/roster')
    await page.getByText('1 / 4 人已签收，25%').first().waitFor()
    await page.getByLabel('白露').check()
    await page.getByRole('button', { name: '登记 1 人已签收' }).click()
    await page.getByText('2 / 4 人已签收，50%').first().waitFor()
    await page.getByRole('button', { name: /全选/ }).click()
    await page.getByRole('button', { name: '登记 2 人已签收' }).click()
    await page.getByText('4 / 4 人已签收，100%').first().waitFor()
    check(own.acknowledged.size === 4, 'everybody once')

    // somebody else changed the matter: said, read again, nothing typed lost
    own.answered = null
    await page.goto(base + '/portal/' + path)
    await page.reload()
    await page.locator('.step-form').waitFor()
    await area.fill('第二次')
    await page.locator('input[type=date]').fill('2025-07-01')
    await page
      .locator('.step-form input[type=file]')
      .setInputFiles({ name: 'a.pdf', mimeType: 'application/pdf', buffer: pdf })
    await page.getByText('已传完').waitFor()
    await page.route('**/steps/**', (route) =>
      route.fulfill({
        status: 409,
        contentType: 'application/problem+json',
        body: JSON.stringify({
          type: 'urn:x',
          title: '记录已被他人修改',
          status: 409,
          code: 'version_conflict',
          detail: '',
        }),
      }),
    )
    await page.getByRole('button', { name: '提交', exact: true }).click()
    await page.getByText('这件事项刚刚有了变化').waitFor()
    check((await area.inputValue()) === '第二次', 'a conflict loses nothing')
    await page.unroute('**/steps/**')
    // the session ends: sign in again, the draft is still there
    own.signed = null
    await page.getByRole('button', { name: '提交', exact: true }).click()
    await page.getByRole('button', { name: /企业用户/ }).click()
    await page.locator('.step-form').waitFor()
    check((await area.inputValue()) === '第二次', 'a session that ended loses nothing')
  }
  await context.close()
}

// trace files: a wrong kind is refused before it is sent, a broken line goes on where it was, rejects say the fix
if (own) {
  const context = await prepare(await browser.newContext({ viewport: { width: 1440, height: 900 } }))
  const page = await context.newPage()
  listen(page, 'trace')
  own.signed = null
  await signIn(page)
  await page.goto(base + '/portal/#/trace')
  const input = page.locator('.drop input[type=file]')
  await input.setInputFiles({ name: 'a.docx', mimeType: 'application/zip', buffer: pdf })
  await page.getByText('不是能读的种类').waitFor()
  let chunks = 0
  state.rule = (method, url) =>
    method === 'PUT' && url.includes('/chunks/') && (chunks += 1) > 2 ? 'offline' : ''
  await input.setInputFiles({ name: 'events.csv', mimeType: 'text/csv', buffer: pdf })
  await page.getByText('连接中断').waitFor()
  const before = chunks
  state.rule = () => ''
  await page.getByRole('button', { name: '重试' }).click()
  await page.locator('.live').first().waitFor()
  if (shots) await page.screenshot({ path: `${shots}/portal-trace-live.png`, fullPage: true })
  await page.getByText('退回的行').first().waitFor({ timeout: 10_000 })
  const parts = [...own.uploads.values()].filter((one) => one.name === 'events.csv')
  check(before > 2 && parts.length === 1, `one upload, resumed: ${parts.length} after ${before} pieces`)
  check([...own.jobs.values()].length === 1, 'one import, however often the line broke')
  await gates(page, 'trace read')
  if (shots) await page.screenshot({ path: `${shots}/portal-trace-done.png`, fullPage: true })
  await page.locator('.causes button').first().click()
  check((await page.locator('.tb tbody tr').count()) < 9, 'a cause shows its rows alone')
  await context.close()
}

if (own) own.answered = null
const screens = [
  ['today', '#/'],
  ['matters', '#/matters'],
  ['licences', '#/licences'],
  ['trace', '#/trace'],
  ['trace-file', '#/trace/48391'],
  ['roster', '#/roster'],
  ['credit', '#/credit'],
  ['draws', '#/draws'],
  ['reactions', '#/reactions'],
  ['notices', '#/notices'],
  ['missing', '#/nowhere'],
  ['gone', '#/matters/none'],
]
const looks = [{}, { theme: 'dark' }, { size: 'large' }, { language: 'en', theme: 'dark' }, { size: 'elder' }]
for (const look of process.argv.includes('--flow') ? [] : looks)
  for (const filled of own ? ['full', 'empty', 'error'] : ['full']) {
    if (own) own.empty = filled === 'empty'
    const label = [...Object.values(look), filled].join('-')
    for (const width of [1440, 320]) {
      const context = await prepare(
        await browser.newContext({ viewport: { width, height: 800 }, reducedMotion: 'reduce' }),
        look,
      )
      const page = await context.newPage()
      listen(page, label)
      if (own) own.signed = null
      await page.goto(base + '/portal/')
      await page.waitForSelector('.sign-in')
      const tap = { elder: 60, large: 28 }[look.size] ?? (width < 400 ? 44 : 24)
      await gates(page, `sign-in ${label} ${width}`, { tap: 24 })
      await signIn(page, look.language === 'en')
      // at a server the only matter of the enterprise is answered by now: it is read, not worked
      const open = () => (own ? page.locator('.todo .what a').first().getAttribute('href') : path)
      const matter = filled === 'full' ? await open() : ''
      if (filled === 'error')
        await page.route('**/api/{portal,notices,packs}/**', (route) =>
          route.fulfill({
            status: 503,
            contentType: 'application/problem+json',
            body: JSON.stringify({
              type: 'urn:x',
              title: 'Busy 繁忙',
              status: 503,
              code: 'too_busy',
              detail: '',
              next: '',
            }),
          }),
        )
      for (const [name, hash] of [...screens, ...(matter ? [['matter', matter]] : [])]) {
        await page.goto(base + '/portal/' + hash)
        const said = await page
          .waitForFunction(() => document.querySelector('main').textContent.trim().length > 3, null, { timeout: 10_000 })
          .catch(() => null)
        check(said, `${name} ${label}: says something`)
        await page.waitForTimeout(100)
        await gates(page, `${name} ${label} ${width}`, { tap })
      }
      await context.close()
    }
  }
if (own) own.signed = null
console.log(
  `first content, 4 Mbit/s, CPU x4: portal ${await firstContent(browser, base + '/portal/', 'main h1')} ms`,
)
await browser.close()
proxy.close()
server?.closeAllConnections()
server?.close()
end('portal')
