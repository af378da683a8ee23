// The pages of vigilance: every page in both languages, light, dark, large and elder; full, empty and failing; at 320 px; printed; a
// signal judged and a pair of duplicates decided by keyboard alone; a hospital's report; a person's report.
//   node test/vigilance.mjs [BASE_URL] [--shots DIR] [--only PAGE] [--part screens|small|flows|doors] [--language zh|en] [--quick]
// Without an address it walks over the stand-in; with one only the full pages and what changes nothing. A page may end with *.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { audit, check, context, done, fits, launch, listen, look, reader, show, signIn, tabTo } from './browser.mjs'
import { start } from './mock.mjs'
import { memory, serve } from './mock/doors.mjs'

const given = process.argv[2]?.startsWith('http') ? process.argv[2] : ''
const option = (name) =>
  process.argv.includes(name) ? process.argv[process.argv.indexOf(name) + 1] : undefined
const shots = option('--shots') ?? ''
const only = option('--only')
const quick = process.argv.includes('--quick')
const part = option('--part') ?? ''
const role = option('--role') ?? 'unit_head'
const takes = (name) => !part || part === name
if (shots) mkdirSync(shots, { recursive: true })
const servers = given ? {} : { full: await start(0), empty: await start(0, { empty: true }) }
const at = (server) => given || `http://127.0.0.1:${server.address().port}`
const base = at(servers.full)
const browser = await launch()

/** The things the pages are about: of the stand-in, or whatever a real server has. */
async function things() {
  const made = await context(browser)
  await signIn(made, base, role)
  const ask = await reader(made, base)
  const signals = await ask.get('/api/signals?limit=20')
  const pair =
    signals.items?.find((row) => row.product === '参茯宁注射液' && row.reaction === '过敏性休克') ?? signals.items?.[0]
  const bare = (await ask.get('/api/signals?search=' + encodeURIComponent('味觉丧失'))).items?.[0] ?? pair
  const cluster = (await ask.get('/api/signals/clusters')).items?.[0]
  const reports = await ask.get('/api/safety_reports?limit=50')
  const returned = (await ask.get('/api/safety_reports?state=returned&limit=1')).items?.[0] ?? reports.items?.[0]
  await ask.close()
  await made.close()
  const of = (one) => `?product=${encodeURIComponent(one?.product ?? '')}&reaction=${encodeURIComponent(one?.reaction ?? '')}`
  return {
    pair: '/vigilance/pair' + of(pair),
    bare: '/vigilance/pair' + of(bare),
    cluster: '/vigilance/cluster?id=' + encodeURIComponent(cluster?.id ?? ''),
    report: '/vigilance/report?number=' + encodeURIComponent(reports.items?.[0]?.number ?? ''),
    returned: '/vigilance/report?number=' + encodeURIComponent(returned?.number ?? ''),
  }
}
const of = await things()
const stand = ', .empty'
const pages = [
  ['signals', '/vigilance', '.signals tbody tr' + stand],
  ['signals-filtered', '/vigilance?criterion=fda&sort=ic025&since=2025-06-01', '.signals tbody tr' + stand],
  ['signals-none', '/vigilance?kind=cosmetic', '.signals tbody tr' + stand],
  ['signal', of.pair, '.two' + stand],
  ['signal-bare', of.bare, '.two' + stand],
  ['clusters', '/vigilance/clusters', '.clusters > li' + stand],
  ['cluster', of.cluster, '.onset' + stand],
  ['reports', '/vigilance/reports', '.safety-list tbody tr' + stand],
  ['reports-returned', '/vigilance/reports?state=returned', '.safety-list tbody tr' + stand],
  ['report', of.report, '.judges' + stand],
  ['report-returned', of.returned, '.judges' + stand],
  ['duplicates', '/vigilance/duplicates', '.tb-evidence' + stand],
  ['sentinels', '/vigilance/sentinels', '.tb-sites' + stand],
  ['imports', '/vigilance/imports', '.drop'],
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
const expected = (state) => (state === 'full' && !given ? null : /503|404|Failed to load/)
const picture = async (page, name, fullPage = true) => {
  if (!shots) return
  await page.evaluate(() => scrollTo(0, 0))
  await page.screenshot({ path: `${shots}/${name}.png`, fullPage, timeout: 180_000 })
}
/** What a picture must not have: English with Chinese words of ours. */
async function english(page, name) {
  const found = await page.evaluate(() =>
    [...document.querySelectorAll('main h2, main h3, main th, main label, main dt, main button, main nav a')]
      .filter((one) => one.checkVisibility() && !one.closest('tbody, .two, .both, .pairs-list, .steps, .clocks, .tb-evidence, .import'))
      .map((one) => one.textContent.trim())
      .filter((text) => /[\u4e00-\u9fff]/.test(text)),
  )
  const foreign = [...new Set(found)].filter((text) => !/示例|清源|批号|注射|休克/.test(text))
  check(foreign.length === 0, `${name}: Chinese in English: ${foreign.slice(0, 4).join(' | ')}`)
}
/** No cell of a measure is blank: what cannot be estimated says so. */
async function blanks(page, name) {
  const empty = await page.evaluate(
    () =>
      [...document.querySelectorAll('.signals tbody td.num, .tb-measures tbody tr:nth-child(-n+4) td.num, .tb-twin td.num')].filter(
        (one) => !one.textContent.trim(),
      ).length,
  )
  check(empty === 0, `${name}: ${empty} blank numbers`)
}

const spoken = ['zh', 'en'].filter((one) => !option('--language') || option('--language') === one)
for (const language of takes('screens') ? spoken : [])
  for (const state of quick || given ? ['full'] : ['full', 'empty', 'error']) {
    const server = at(servers[state] ?? servers.full)
    const made = await context(browser, { language })
    await signIn(made, server, role)
    for (const [name, path, ready] of pages) {
      const page = await made.newPage()
      const label = `${name}-${language}-${state}`
      if (state === 'error')
        await page.route(/\/api\/(signals|safety_reports|duplicates|sentinels)/, (route) => route.fulfill(failing))
      listen(page, label, expected(state))
      const refused = { error: name === 'imports' ? ready : '[role="alert"]', empty: ready + ', [role="alert"]' }
      await show(page, label, server + path, refused[state] ?? ready)
      await page.waitForTimeout(150)
      if (language === 'en') await english(page, label)
      await blanks(page, label)
      for (const [theme, size] of looks) {
        if (quick && size === 'elder') continue
        await look(page, theme, size)
        const seen = `${label}-${size === 'normal' ? theme : size}`
        await audit(page, seen)
        await fits(page, seen)
        if (state === 'full' || (theme === 'light' && size === 'normal')) await picture(page, seen)
      }
      await page.close()
    }
    await made.close()
  }

// small screens
if (takes('small')) {
  const made = await context(browser, { width: 320, height: 720 })
  await signIn(made, base, role)
  for (const [name, path, ready] of pages) {
    const page = await made.newPage()
    listen(page, `${name}-320`, expected('full'))
    await show(page, `${name}-320`, base + path, ready)
    await audit(page, `${name}-320`)
    await fits(page, `${name}-320`)
    await picture(page, `${name}-320`)
    await page.close()
  }
  await made.close()
}

// tables beside the charts: every chart has one, and the column chooser shows what was hidden
if (takes('flows') && !quick && !only) {
  const made = await context(browser)
  await signIn(made, base, role)
  const page = await made.newPage()
  listen(page, 'twins', expected('full'))
  for (const path of [of.pair, of.cluster, '/vigilance/sentinels']) {
    await show(page, 'twins', base + path, '.chart-fig')
    const figures = await page.locator('.chart-fig').count()
    for (let n = 0; n < figures; n += 1) await page.locator('.chart-fig .sec-h > .btn-link').nth(n).click()
    check((await page.locator('.tb-twin').count()) === figures, `twins: ${path}: a chart without its table`)
    await blanks(page, 'twins ' + path)
    await audit(page, 'twins ' + path)
  }
  await show(page, 'columns', base + '/vigilance', '.signals tbody tr')
  const before = await page.locator('.signals thead th').count()
  await page.locator('.dt-columns summary').click()
  const hidden = page.locator('.dt-menu input:not(:checked)')
  while (await hidden.count()) await hidden.first().check()
  const after = await page.locator('.signals thead th').count()
  check(after > before + 8, `columns: ${before} then ${after}`)
  await blanks(page, 'columns')
  await fits(page, 'columns')
  await audit(page, 'columns')
  await picture(page, 'signals-columns')
  // filters stand in the address
  await page.selectOption('.filters select >> nth=2', { index: 1 })
  await page.waitForURL(/criterion=/)
  await page.reload()
  await page.waitForSelector('.signals tbody tr, .empty')
  check((await page.locator('.vg-rule').count()) === 1, 'filters: the criterion is not said in words')
  await made.close()
}

// who counts and reads no case is offered no page and no link that would be refused
if (takes('flows') && !quick && !only) {
  const made = await context(browser)
  await signIn(made, base, 'risk_analyst')
  const page = await made.newPage()
  listen(page, 'analyst', expected('full'))
  await show(page, 'analyst', base + '/vigilance', '.signals tbody tr')
  await picture(page, 'analyst-signals', false)
  const offered = await page.$$eval('.rail a[href^="/vigilance"], .trace-bar .tabs a', (all) => [
    ...new Set(all.map((one) => one.getAttribute('href'))),
  ])
  check(offered.length === 2, `analyst: offered ${offered.join(' ')}`)
  for (const path of offered) {
    await show(page, 'analyst ' + path, base + path, '.signals tbody tr, .clusters > li, .empty')
    check((await page.locator('[role="alert"]').count()) === 0, `analyst: ${path} is offered and refused`)
    check((await page.locator('[data-open], main a[href^="/dossiers/"]').count()) === 0, `analyst: ${path}: rows open what is refused`)
    await audit(page, 'analyst ' + path)
  }
  await made.close()
}

// today → signals → a pair → its case, by keyboard alone; then a pair of duplicates decided
if (takes('flows') && !quick && !only && !given) {
  const made = await context(browser)
  await signIn(made, base, role)
  const page = await made.newPage()
  listen(page, 'keyboard')
  let pointer = false
  await page.exposeFunction('pointed', () => (pointer = true))
  await page.addInitScript(() => addEventListener('pointerdown', () => window.pointed(), true))
  await show(page, 'keyboard', base + '/', '.rail a')
  await tabTo(page, `(one) => one?.matches('.rail a[href^="/vigilance"]')`, 'vigilance in the rail')
  await page.keyboard.press('Enter')
  await page.waitForSelector('.signals tbody tr')
  await page.keyboard.press('j')
  await page.keyboard.press('j')
  check((await page.locator('.signals .is-cursor').count()) === 1, 'keyboard: j moves no cursor')
  await page.keyboard.press('Enter')
  await page.waitForSelector('.tb-cases tbody tr')
  await page.keyboard.press('j')
  await page.keyboard.press('Enter')
  await page.waitForSelector('.judges')
  await page.keyboard.press('Control+k')
  await page.keyboard.type('疑似')
  await page.keyboard.press('Escape')
  await show(page, 'keyboard', base + '/vigilance/duplicates', '.tb-evidence')
  const first = await page.locator('#d-now').textContent()
  await page.keyboard.press('j')
  check((await page.locator('#d-now').textContent()) !== first, 'keyboard: j shows no other pair')
  await page.keyboard.press('s')
  await page.waitForSelector('dialog[open]')
  await audit(page, 'same case dialog')
  await picture(page, 'duplicates-dialog', false)
  await page.keyboard.press('Escape')
  check((await page.locator('dialog[open]').count()) === 0, 'keyboard: Escape leaves no dialog')
  const pairs = await page.locator('.pairs-list li').count()
  await page.keyboard.press('d')
  await page.waitForSelector('dialog[open]')
  await page.locator('dialog[open] textarea').focus()
  await tabTo(page, `(one) => one?.matches('dialog [type=submit]')`, 'the decision')
  await page.keyboard.press('Enter')
  await page.waitForFunction((n) => document.querySelectorAll('.pairs-list li').length === n - 1, pairs)
  check(!pointer, 'keyboard: the pointer was used')
  await picture(page, 'duplicates-decided')
  await made.close()
}

// coding a product, judging now, a file and its acknowledgement
if (takes('flows') && !quick && !only && !given) {
  const made = await context(browser)
  await signIn(made, base, role)
  const page = await made.newPage()
  listen(page, 'acts')
  await show(page, 'coding', base + '/vigilance/reports?state=uncoded', '.safety-list tbody tr')
  await page.locator('.safety-list a.obj').first().click()
  await page.waitForSelector('.tb-products')
  await page.locator('.tb-products .btn-primary').first().click()
  await page.fill('#x-product', '国药准字H43021000')
  await audit(page, 'coding dialog')
  await picture(page, 'coding-dialog', false)
  await page.locator('dialog[open] [type=submit]').click()
  await page.waitForSelector('.tb-products .st-done')
  await show(page, 'judge', base + '/vigilance', '.signals tbody tr')
  await page.locator('.head .btn').click()
  await page.waitForSelector('.notice-green')
  await audit(page, 'judged')
  await show(page, 'import', base + '/vigilance/imports', '.drop')
  const input = page.locator('.drop input[type=file]')
  await input.setInputFiles({ name: 'photo.png', mimeType: 'image/png', buffer: Buffer.from('x') })
  await page.waitForSelector('.err')
  await input.setInputFiles({ name: 'batch-181.xml', mimeType: 'text/xml', buffer: Buffer.alloc(40_000, '<x/>') })
  await page.waitForSelector('.tb-acks tbody tr')
  await audit(page, 'import read')
  await picture(page, 'import-done')
  const [download] = await Promise.all([page.waitForEvent('download'), page.locator('.import .live .btn').click()])
  check(readFileSync(await download.path(), 'utf8').includes('MCCI_IN200101UV01'), 'import: no acknowledgement in the file')
  check(/-ack\.xml$/.test(download.suggestedFilename()), 'import: the acknowledgement has no name')
  await made.close()
}

// the doors: a hospital writes a report, mends one that came back; a person tells of a reaction
if (takes('doors') && !quick && (!only || only.startsWith('portal') || only.startsWith('public'))) {
  const seen = given ? null : memory()
  const door = given ? null : await serve(seen)
  const doors = given || `http://127.0.0.1:${door.address().port}`
  const enter = async (page) => {
    await page.goto(doors + '/portal/')
    await page.waitForSelector('main h1')
    if (await page.locator('#sign-name').isVisible())
      await page.getByRole('button', { name: /^(医疗机构|医院|企业用户|Reporter|Hospital|User of an operator)/ }).first().click()
    await page.waitForSelector('.places')
  }
  for (const [language, theme, size, width] of [
    ['zh', 'light', 'normal', 1280],
    ['zh', 'dark', 'normal', 1280],
    ['zh', 'light', 'large', 1280],
    ['en', 'light', 'normal', 1280],
    ['zh', 'light', 'phone', 320],
  ]) {
    const made = await context(browser, { language, theme, size, width, height: width < 500 ? 720 : 900 })
    const page = await made.newPage()
    const tail = `${language}-${size === 'normal' ? theme : size}`
    listen(page, 'portal ' + tail, /401|404|Failed to load/)
    await enter(page)
    await show(page, 'portal reactions', doors + '/portal/#/reactions', '.todo li, .empty')
    await page.waitForTimeout(300)
    await audit(page, 'portal reactions ' + tail)
    await fits(page, 'portal reactions ' + tail)
    await picture(page, 'portal-reactions-' + tail)
    await show(page, 'portal form', doors + '/portal/#/reactions/new', '.reaction')
    await page.waitForTimeout(900)
    const fields = await page.locator('.reaction .field:visible, .reaction .kinds:visible').count()
    check(fields <= 15, `portal form: ${fields} visible fields`)
    await audit(page, 'portal form ' + tail)
    await fits(page, 'portal form ' + tail)
    await picture(page, 'portal-form-' + tail)
    if (language === 'zh' && theme === 'light' && size === 'normal') {
      // an empty report says what is missing beside its field; a draft survives; the check speaks while one types
      await page.locator('.reaction [type=submit], .reaction .btn-primary').first().click()
      await page.waitForSelector('.reaction .err')
      check((await page.evaluate(() => document.activeElement?.id)) === 'f-product', 'portal form: the first error has no focus')
      await audit(page, 'portal form with errors')
      await picture(page, 'portal-form-errors')
      await page.keyboard.type('参茯宁注射液')
      await page.fill('#f-reactions', '过敏性休克、寒战')
      await page.fill('#f-onset_on', '2025-07-01')
      await page.fill('#f-age_years', '63')
      await page.waitForSelector('.score')
      await page.waitForTimeout(700)
      const before = await page.locator('.score').textContent()
      await page.fill('#f-started_on', '2025-06-30')
      await page.fill('#f-indication', '肺部感染')
      await page.waitForFunction((was) => document.querySelector('.score')?.textContent !== was, before)
      await page.locator('.no-batch input').check()
      await page.waitForSelector('#f-batch_missing')
      await page.locator('.choices .check', { hasText: '新的或者严重' }).click()
      await page.waitForSelector('#f-seriousness_grounds')
      await page.getByRole('button', { name: '补充其他项目' }).click()
      await page.waitForTimeout(700)
      await audit(page, 'portal form filled')
      await picture(page, 'portal-form-filled')
      await page.reload()
      await page.waitForSelector('.reaction')
      check((await page.inputValue('#f-product')) === '参茯宁注射液', 'portal form: a reload loses the draft')
      if (!given) {
        await page.selectOption('#f-batch_missing', { index: 1 })
        await page.locator('#f-product').focus()
        await page.keyboard.press('Control+Enter')
        await page.waitForSelector('.receipt h1')
        await audit(page, 'portal receipt')
        await picture(page, 'portal-receipt')
        await show(page, 'portal mend', doors + '/portal/#/reactions', '.mend')
        await page.locator('.todo .btn').first().click()
        await page.waitForSelector('.reaction')
        check((await page.inputValue('#f-product')) !== '', 'portal: a report that came back is not filled in')
        await page.goto(doors + '/portal/#/reactions/4304-25-09798')
        await page.waitForSelector('.judged')
        await audit(page, 'portal report')
        await picture(page, 'portal-report')
      }
    }
    await made.close()
  }
  for (const [language, size] of [['zh', 'phone'], ['zh', 'elder'], ['en', 'phone']]) {
    const made = await context(browser, { language, width: 390, height: 844 })
    await made.addInitScript((value) => localStorage.setItem('public.size', value), size)
    const page = await made.newPage()
    listen(page, 'public ' + size, /404|Failed to load/)
    await show(page, 'public home', doors + '/public/', '.go a[href="#/reaction"]')
    await picture(page, `public-home-${language}-${size}`)
    await page.locator('.go a[href="#/reaction"]').click()
    await page.waitForSelector('#f-product')
    await audit(page, `public reaction ${language} ${size}`)
    await fits(page, `public reaction ${language} ${size}`)
    await picture(page, `public-reaction-${language}-${size}`)
    await page.locator('#view form .btn-primary').click()
    check((await page.locator('.err').count()) === 2, 'public reaction: an empty one says what is missing')
    await audit(page, `public reaction errors ${language} ${size}`)
    if (language === 'zh' && !given) {
      await page.fill('#f-product', '双黄连口服液')
      await page.fill('#f-reactions', '皮疹、头晕')
      await page.reload()
      await page.waitForSelector('#f-product')
      check((await page.inputValue('#f-product')) === '双黄连口服液', 'public reaction: a reload loses what was typed')
      await page.locator('#view form .btn-primary').click()
      await page.waitForSelector('.kv .key')
      check(/\S{6,}/.test(await page.locator('.kv .key').textContent()), 'public reaction: no number')
      await audit(page, `public reaction received ${size}`)
      await picture(page, `public-reaction-received-${size}`)
    }
    await made.close()
  }
  if (door) {
    door.closeAllConnections()
    door.close()
  }
}

// on paper
if (shots && takes('flows') && !only) {
  const made = await context(browser)
  await signIn(made, base, role)
  const page = await made.newPage()
  await page.emulateMedia({ media: 'print' })
  for (const [name, path, ready] of [
    ['signal', of.pair, '.two'],
    ['cluster', of.cluster, '.onset'],
  ]) {
    await page.setViewportSize({ width: 794, height: 1123 })
    await show(page, name + '-print', base + path, ready)
    await page.waitForTimeout(300)
    await picture(page, name + '-print')
    writeFileSync(`${shots}/${name}.pdf`, await page.pdf({ format: 'A4', printBackground: true }))
  }
  await made.close()
}
await browser.close()
for (const server of Object.values(servers)) {
  server.closeAllConnections()
  server.close()
}
process.exit(done())
