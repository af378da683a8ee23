// The pages of the pack trace over the stand-in: every page in both languages, light, dark, large and elder; full, empty and
// failing; at 320 px; printed; and the way from the anomalies to a pack and its evidence by keyboard alone.
//   node test/trace.mjs [--shots DIR] [--only PAGE] [--part screens|small|flows] [--language zh|en] [--quick]
// A page may end with *; --quick takes the pictures of full pages alone.
// mission: H12

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { audit, check, context, done, fits, launch, listen, look, show, signIn, tabTo } from './browser.mjs'
import { start } from './mock.mjs'
import { codes } from './mock/packs.mjs'

const option = (name) =>
  process.argv.includes(name) ? process.argv[process.argv.indexOf(name) + 1] : undefined
const shots = option('--shots') ?? ''
const only = option('--only')
const quick = process.argv.includes('--quick')
const part = option('--part') ?? ''
const takes = (name) => !part || part === name
if (shots) mkdirSync(shots, { recursive: true })
const servers = { full: await start(0), empty: await start(0, { empty: true }) }
const at = (server) => `http://127.0.0.1:${server.address().port}`
const base = at(servers.full)
const browser = await launch()
const pack = (code) => '/trace/pack?code=' + encodeURIComponent(code)
const pages = [
  ['trace', '/trace', '.tb-matrix tbody a, .empty'],
  ['findings', '/trace/findings', '.findings > li, .empty'],
  ['findings-provisional', '/trace/findings?status=provisional', '.wait, .empty'],
  ['pack-twice', pack(codes.twice), '.strip .mark, .empty, [role="alert"]'],
  ['pack-opened', pack(codes.opened), '.strip .mark, .empty, [role="alert"]'],
  ['pack-returned', pack(codes.returned), '.strip .mark, .empty, [role="alert"]'],
  ['pack-recalled', pack(codes.recalled), '.strip .mark, .empty, [role="alert"]'],
  ['pack-case', pack(codes.box), '.codes li, .empty, [role="alert"]'],
  ['pack-unknown', pack(codes.transit), '.empty, [role="alert"]'],
  ['batch', '/trace/batch?id=241103', '.tb-holders tbody tr, .empty, [role="alert"]'],
  ['batch-recalled', '/trace/batch?id=B240817', '.tb-holders tbody tr, .empty, [role="alert"]'],
  ['rules', '/trace/rules', '.tb-rules tbody tr, .empty'],
  ['files', '/trace/files', '.tb-files tbody tr, .empty'],
  ['file', '/trace/files/48391', '.tb-rejects tbody tr, [role="alert"]'],
  ['operator-trace', '/operators/op-00003', '.tb-balance tbody tr, .lag'],
].filter(([name]) => !only || name === only || (only.endsWith('*') && name.startsWith(only.slice(0, -1))))
const looks = [
  ['light', 'normal'],
  ['dark', 'normal'],
  ['light', 'large'],
  ['light', 'elder'],
]
const failing = {
  status: 503,
  contentType: 'application/problem+json',
  body: JSON.stringify({
    type: 'urn:qingyuan:error:overloaded',
    title: '服务繁忙',
    status: 503,
    code: 'overloaded',
    detail: '请求过多。',
    where: '',
    next: '稍后重试。',
  }),
}
const expected = (state) => (state === 'full' ? null : /503|404|Failed to load/)

const picture = (page, path, fullPage = true) => page.screenshot({ path, fullPage, timeout: 180_000 })
/** What a picture must not have: English with Chinese words of ours. */
async function english(page, name) {
  const found = await page.evaluate(() =>
    [...document.querySelectorAll('main h1, main h2, main th, main label, main dt, main button, .tabs a')]
      .filter((one) => one.checkVisibility() && !one.closest('tbody'))
      .map((one) => one.textContent.trim())
      .filter((text) => /[\u4e00-\u9fff]/.test(text)),
  )
  const foreign = found.filter((text) => !/\.(csv|xlsx|json|xml)$/.test(text) && !/药|店|公司|院/.test(text))
  check(foreign.length === 0, `${name}: Chinese in English: ${foreign.slice(0, 4).join(' | ')}`)
}

const spoken = ['zh', 'en'].filter((one) => !option('--language') || option('--language') === one)
for (const language of takes('screens') ? spoken : [])
  for (const state of quick ? ['full'] : ['full', 'empty', 'error']) {
    const server = at(servers[state] ?? servers.full)
    const made = await context(browser, { language })
    await signIn(made, server, 'officer')
    for (const [name, path, ready] of pages) {
      const page = await made.newPage()
      const label = `${name}-${language}-${state}`
      if (state === 'error')
        await page.route('**/api/packs/**', (route) => route.fulfill(failing))
      listen(page, label, expected(state))
      await show(page, label, server + path, state === 'error' ? '[role="alert"]' : ready)
      if (language === 'en') await english(page, label)
      for (const [theme, size] of looks) {
        if (quick && size === 'elder') continue
        await look(page, theme, size)
        const seen = `${label}-${size === 'normal' ? theme : size}`
        await audit(page, seen)
        await fits(page, seen)
        const wanted = state === 'full' || (theme === 'light' && size === 'normal')
        if (shots && wanted) await picture(page, `${shots}/${seen}.png`)
      }
      await page.close()
    }
    await made.close()
  }

// small screens
if (takes('small')) {
  const made = await context(browser, { width: 320, height: 720 })
  await signIn(made, base, 'officer')
  for (const [name, path, ready] of pages) {
    const page = await made.newPage()
    listen(page, `${name}-320`)
    await show(page, `${name}-320`, base + path, ready)
    await audit(page, `${name}-320`)
    await fits(page, `${name}-320`)
    if (shots) await picture(page, `${shots}/${name}-320.png`)
    await page.close()
  }
  await made.close()
}

// every number of the matrix opens as many findings as it says
if (takes('flows') && !quick && (!only || only === 'trace')) {
  const made = await context(browser)
  await signIn(made, base, 'officer')
  const page = await made.newPage()
  listen(page, 'matrix')
  await show(page, 'matrix', base + '/trace', '.tb-matrix tbody a')
  const numbers = await page.$$eval('.tb-matrix a.n, .trace-figs .v a', (all) =>
    all.map((one) => ({ href: one.getAttribute('href'), text: one.textContent.trim() })),
  )
  check(numbers.length > 100, `matrix: only ${numbers.length} numbers`)
  for (const one of numbers.filter((_, n) => n % 3 === 0)) {
    if (!one.href.startsWith('/trace/findings')) continue
    const total = await page.evaluate(
      async (search) => (await (await fetch('/api/packs/findings?limit=1&' + search)).json()).total,
      one.href.split('?')[1] ?? '',
    )
    check(String(total) === one.text.replace(/,/g, ''), `matrix: ${one.href}: ${one.text} but ${total}`)
  }
  await page.locator('.tb-matrix a.n').first().click()
  await page.waitForSelector('.findings > li')
  await page.goBack()
  await page.waitForSelector('.tb-matrix')
  await made.close()
}

// anomalies → pack → finding → its evidence, by keyboard alone
if (takes('flows') && !quick && !only) {
  const made = await context(browser)
  await signIn(made, base, 'officer')
  const page = await made.newPage()
  listen(page, 'keyboard')
  let pointer = false
  await page.exposeFunction('pointed', () => (pointer = true))
  await page.addInitScript(() => addEventListener('pointerdown', () => window.pointed(), true))
  await show(page, 'keyboard', base + '/', '.rail a')
  await tabTo(page, `(one) => one?.matches('.rail a[href^="/trace"]')`, 'the trace in the rail')
  await page.keyboard.press('Enter')
  await page.waitForSelector('.tb-matrix tbody a')
  await tabTo(page, `(one) => one?.matches('.tb-matrix a.confirmed')`, 'a number of the matrix')
  await page.keyboard.press('Enter')
  await page.waitForSelector('.findings > li')
  await page.keyboard.press('j')
  check((await page.locator('.findings .is-cursor').count()) === 1, 'keyboard: j moves no cursor')
  await page.keyboard.press('Enter')
  await page.waitForSelector('.strip .mark')
  await tabTo(page, `(one) => one?.matches('.found-h')`, 'a finding of the pack')
  for (let n = 0; n < 2; n += 1) await page.keyboard.press('j')
  await page.keyboard.press('Enter')
  const open = await page.locator('.found .is-open').count()
  check(open === 1, `keyboard: ${open} findings open`)
  check((await page.locator('.mark.bad').count()) > 0, 'keyboard: no evidence marked on the strip')
  check((await page.locator('tr.proof').count()) > 0, 'keyboard: no evidence marked in the table')
  await tabTo(page, `(one) => one?.matches('.evid button')`, 'the evidence')
  await page.keyboard.press('Enter')
  await page.waitForTimeout(100)
  const focused = await page.evaluate(() => document.activeElement?.closest('tr')?.className ?? '')
  check(focused.includes('proof'), 'keyboard: the evidence does not lead to its row')
  check(!pointer, 'keyboard: the pointer was used')
  // a scanner types the code and presses Enter
  await tabTo(page, `(one) => one?.id === 'trace-q'`, 'the box for a code')
  await page.keyboard.type(codes.returned)
  await page.keyboard.press('Enter')
  await page.waitForFunction(() => document.querySelector('h1')?.textContent.includes('8100 0030'))
  await made.close()
}

// a recall told to every holder, by a dialog that can be left
if (takes('flows') && !quick && (!only || only.startsWith('batch'))) {
  const made = await context(browser)
  await signIn(made, base, 'officer')
  const page = await made.newPage()
  listen(page, 'recall')
  await show(page, 'recall', base + '/trace/batch?id=B240817', '.tb-holders tbody tr')
  await page.locator('.head .btn-primary').click()
  await page.waitForSelector('dialog[open]')
  await audit(page, 'recall dialog')
  if (shots) await picture(page, `${shots}/recall-dialog.png`, false)
  await page.keyboard.press('Escape')
  check((await page.locator('dialog[open]').count()) === 0, 'recall: Escape does not close the dialog')
  await page.locator('.head .btn-primary').click()
  await page.locator('dialog[open] [type=submit]').click()
  await page.waitForSelector('.notice-green')
  check((await page.locator('.tb-holders .st-near').count()) > 0, 'recall: nobody without an account is named')
  check((await page.locator('.tb-holders .st-done').count()) > 0, 'recall: nobody was told')
  await audit(page, 'recall told')
  if (shots) await picture(page, `${shots}/recall-done.png`)
  await made.close()
}

// a file: refused before it is sent, sent in chunks, followed, its rejects by cause and as a file
if (takes('flows') && !quick && (!only || only.startsWith('file'))) {
  const made = await context(browser)
  await signIn(made, base, 'officer')
  const page = await made.newPage()
  listen(page, 'upload')
  await show(page, 'upload', base + '/trace/files', '.drop')
  const input = page.locator('.drop input[type=file]')
  await input.setInputFiles({ name: 'photo.png', mimeType: 'image/png', buffer: Buffer.from('x') })
  await page.waitForSelector('.err')
  await input.setInputFiles({
    name: '来雁药房_20250704.csv',
    mimeType: 'text/csv',
    buffer: Buffer.alloc(60_000, 'e1,81000010012345678901,receive\n'),
  })
  await page.waitForSelector('.live')
  if (shots) await picture(page, `${shots}/upload-live.png`, false)
  await audit(page, 'upload under way')
  await page.waitForSelector('.sendings .tb-rejects', { timeout: 10_000 })
  await audit(page, 'upload read')
  if (shots) await picture(page, `${shots}/upload-done.png`)
  await page.locator('.causes button').nth(1).click()
  const rows = await page.locator('.sendings .tb-rejects tbody tr').count()
  check(rows > 0 && rows < 9, `upload: a cause shows ${rows} rows`)
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.locator('.sendings .sec-h .btn').first().click(),
  ])
  const text = readFileSync(await download.path(), 'utf8')
  check(text.split('\r\n').length === 11, `upload: ${text.split('\r\n').length} lines of rejects`)
  check(/-rejects\.csv$/.test(download.suggestedFilename()), 'upload: the file of rejects has no name')
  await made.close()
}

// on paper
if (shots && takes('flows') && !only) {
  const made = await context(browser)
  await signIn(made, base, 'officer')
  const page = await made.newPage()
  await page.emulateMedia({ media: 'print' })
  await show(page, 'print', base + pack(codes.twice), '.strip .mark')
  await picture(page, `${shots}/pack-print.png`)
  writeFileSync(`${shots}/pack.pdf`, await page.pdf({ format: 'A4', landscape: true, printBackground: true }))
  await made.close()
}
await browser.close()
for (const server of Object.values(servers)) {
  server.closeAllConnections()
  server.close()
}
process.exit(done())
