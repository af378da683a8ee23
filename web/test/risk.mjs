// Credit, predicted risk, focus lists and the register on a server of sample data: every page in both languages, light, dark, large
// and at 320 px, with axe; three axes that look unlike; a visit planned by hand; what nobody outside is told; a firm that objects to
// its grade.
//   node test/risk.mjs BASE_URL [--shots DIR] [--only PAGE] [--part screens|small|flows|doors] [--language zh|en] [--quick]
// mission: B5 B6 B8 B9 E13

import { mkdirSync } from 'node:fs'
import { audit, check, context, done, fits, launch, listen, look, reader, show, signIn } from './browser.mjs'

const base = process.argv[2] ?? ''
if (!base.startsWith('http')) {
  console.log('usage: node test/risk.mjs BASE_URL')
  process.exit(2)
}
const option = (name) =>
  process.argv.includes(name) ? process.argv[process.argv.indexOf(name) + 1] : undefined
const shots = option('--shots') ?? ''
const only = option('--only')
const quick = process.argv.includes('--quick')
const part = option('--part') ?? ''
const takes = (name) => !part || part === name
if (shots) mkdirSync(shots, { recursive: true })
const browser = await launch()
const role = 'unit_head'
const picture = async (page, name) => {
  if (!shots) return
  await page.evaluate(() => scrollTo(0, 0))
  await page.screenshot({ path: `${shots}/${name}.png`, fullPage: true, timeout: 180_000 })
}

/** What the pages are about, as the server has it. */
async function things() {
  const made = await context(browser)
  await signIn(made, base, role)
  const ask = await reader(made, base)
  const focus = await ask.get('/api/focus?limit=20')
  const credit = await ask.get('/api/credit?limit=5')
  const register = await ask.get('/api/register?show=all')
  await ask.close()
  await made.close()
  check(focus.total > 0, 'the focus list is empty')
  check(credit.total > 0, 'nobody is graded or ungraded')
  const twice = focus.items?.find((row) => row.reasons.length > 1) ?? focus.items?.[0]
  return {
    operator: '/operators/' + (twice?.operator.id ?? ''),
    credit: '/credit/' + (credit.items?.[0]?.operator.id ?? ''),
    item: register.items?.[0] ? '/register/' + encodeURIComponent(register.items[0].id) : '',
  }
}
const of = await things()
const stand = ', .empty, [role="alert"]'
const pages = [
  ['focus', '/focus', '.focus-list tbody tr' + stand],
  ['focus-region', '/focus?dimension=key_region&area=rural', '.focus-list tbody tr' + stand],
  ['focus-none', '/focus?q=%E6%B2%A1%E6%9C%89%E8%BF%99%E5%AE%B6', '.empty'],
  ['changes', '/focus/changes?from=2023-05-01', '.tb-changes tbody tr' + stand],
  ['rates', '/focus/rates', '.coverage' + stand],
  ['risk', '/risk', '.risk-list tbody tr' + stand],
  ['evaluation', '/risk/evaluation', '.chart-fig' + stand],
  ['groups', '/risk/groups', '.tb-groups tbody tr' + stand],
  ['credit', '/credit', '.credit-list tbody tr' + stand],
  ['credit-ungraded', '/credit?grade=ungraded', '.credit-list tbody tr' + stand],
  ['credit-of', of.credit, '.tb-acts, .empty'],
  ['credit-rules', '/credit/rules', '.tb-dense' + stand],
  ['register', '/register', '.register-list tbody tr' + stand],
  ...(of.item ? [['register-item', of.item, '.stage-days' + stand]] : []),
  ['operator', of.operator, '.axis .axis-v'],
].filter(([name]) => !only || name === only || (only.endsWith('*') && name.startsWith(only.slice(0, -1))))
const looks = [
  ['light', 'normal'],
  ['dark', 'normal'],
  ['light', 'large'],
  ['light', 'elder'],
]
/** No word of ours in Chinese on an English page; names of firms and places are as they are. */
async function english(page, name) {
  const found = await page.evaluate(() =>
    [...document.querySelectorAll('main h1, main h2, main h3, main th, main label, main dt, main button, main nav a, main .k, main .d')]
      .filter((one) => one.checkVisibility() && !one.closest('tbody, .crumb, .todo, .tl, .docs, .links, .subject, .ledger-sum, .grade-bars'))
      .map((one) => one.textContent.trim())
      .filter((text) => /[\u4e00-\u9fff]/.test(text)),
  )
  const foreign = [...new Set(found)].filter((text) => !/示例|清源/.test(text))
  check(foreign.length === 0, `${name}: Chinese in English: ${foreign.slice(0, 4).join(' | ')}`)
}

const spoken = ['zh', 'en'].filter((one) => !option('--language') || option('--language') === one)
for (const language of takes('screens') ? spoken : []) {
  const made = await context(browser, { language })
  await signIn(made, base, role)
  for (const [name, path, ready] of pages) {
    const page = await made.newPage()
    const label = `${name}-${language}`
    listen(page, label)
    await show(page, label, base + path, ready)
    await page.waitForTimeout(200)
    if (language === 'en') await english(page, label)
    for (const [theme, size] of looks) {
      if (quick && size !== 'normal') continue
      await look(page, theme, size)
      const seen = `${label}-${size === 'normal' ? theme : size}`
      await audit(page, seen)
      await fits(page, seen)
      await picture(page, seen)
    }
    await page.close()
  }
  await made.close()
}

if (takes('small')) {
  const made = await context(browser, { width: 320, height: 720 })
  await signIn(made, base, role)
  for (const [name, path, ready] of pages) {
    const page = await made.newPage()
    listen(page, `${name}-320`)
    await show(page, `${name}-320`, base + path, ready)
    await audit(page, `${name}-320`)
    await fits(page, `${name}-320`)
    await picture(page, `${name}-320`)
    await page.close()
  }
  await made.close()
}

if (takes('flows') && !only) {
  const made = await context(browser)
  await signIn(made, base, role)
  const page = await made.newPage()
  listen(page, 'flows')
  // every chart has its table and its caption
  for (const path of ['/focus/rates', '/risk/evaluation', '/credit', '/register']) {
    await show(page, 'twins', base + path, '.chart-fig')
    const figures = await page.locator('.chart-fig').count()
    for (let n = 0; n < figures; n += 1) await page.locator('.chart-fig .sec-h > .btn-link').nth(n).click()
    check((await page.locator('.tb-twin').count()) === figures, `twins: ${path}: a chart without its table`)
    const captions = await page.locator('.chart-fig figcaption').allTextContents()
    check(captions.length === figures && captions.every((one) => one.trim().length > 20), `twins: ${path}: no caption`)
    await audit(page, 'twins ' + path)
  }
  // three axes, three shapes; the internal one says that it is
  await show(page, 'axes', base + of.operator, '.axis .risk-bar')
  check((await page.locator('.axes > .axis').count()) === 3, 'axes: not three')
  for (const mark of ['.grade', '.tier', '.risk-bar'])
    check((await page.locator('.axes ' + mark).count()) === 1, `axes: ${mark} is not there once`)
  check((await page.locator('.axes .axis:last-child h3 .st').count()) === 1, 'axes: the internal one is not marked')
  // the share is of the graded: what stands on the page is what the counts give
  const ask = await reader(made, base)
  const credit = await ask.get('/api/credit')
  const sum = Object.entries(credit.grades.counts).reduce((n, [id, one]) => (id === 'ungraded' ? n : n + one), 0)
  check(sum === credit.grades.graded, `credit: ${sum} graded, said ${credit.grades.graded}`)
  check(
    Math.abs((100 * credit.grades.a_or_b.part) / credit.grades.a_or_b.whole - Number(credit.grades.a_or_b.percent)) < 0.006,
    'credit: the percentage is not that of its parts',
  )
  check(!JSON.stringify(credit).includes('predicted_risk'), 'credit: a score in a list of grades')
  // a filter stands in the address; a visit is planned once, with every reason
  await show(page, 'plan', base + '/focus', '.focus-list tbody tr')
  const before = await page.locator('.focus-list tbody tr').count()
  await page.locator('.dim-card').nth(2).click()
  await page.waitForURL(/dimension=/)
  await page.goto(base + '/focus')
  await page.waitForSelector('.focus-list tbody tr')
  const row = page.locator('.focus-list tbody tr:has(input[type="checkbox"])').first()
  if (before && (await row.count())) {
    const name = (await row.locator('a.obj').textContent()).trim()
    const box = row.locator('input[type="checkbox"]')
    await box.check()
    await page.locator('.head .btn').click()
    await page.waitForSelector('dialog[open]')
    await audit(page, 'plan dialog')
    if (shots) await page.screenshot({ path: `${shots}/plan-dialog.png` })
    await page.locator('dialog[open] .btn-primary').click()
    await page.waitForSelector('.notice-green, dialog[open] [role="alert"]')
    check((await page.locator('.notice-green .outcomes li').count()) === 1, 'plan: no outcome for ' + name)
    const told = await page.locator('.notice-green').boundingBox()
    check(told.height < 120, `plan: the outcome of one firm is ${Math.round(told.height)} px high`)
    await audit(page, 'plan done')
    await picture(page, 'plan-done')
    const id = (await page.locator('.outcomes a').first().textContent().catch(() => ''))?.trim()
    check(!!id, 'plan: nothing was opened')
    if (id) {
      const visit = await ask.get('/api/dossiers/' + encodeURIComponent(id))
      const matters = visit.attributes?.find((one) => one.id === 'matters')
      check(!!matters?.value, 'plan: the visit does not say why')
    }
  } else check(false, 'plan: nobody could be chosen')
  await ask.close()
  await made.close()
  // who plans no visits is told nothing
  for (const other of ['legal_reviewer', 'operator_user', 'police_contact']) {
    const away = await context(browser)
    await signIn(away, base, other)
    const shut = await reader(away, base)
    for (const path of ['/api/risk', '/api/focus', '/api/risk/evaluation']) {
      const answer = await shut.get(path)
      check(answer.code === 'access_denied', `${other} ${path}: ${answer.code ?? 'answered'}`)
    }
    await shut.close()
    await away.close()
  }
}

// the enterprise: its own grade, every act, an objection
if (takes('doors') && !only) {
  for (const language of spoken) {
    const made = await context(browser, { language, width: 1100 })
    await signIn(made, base, 'operator_user')
    const page = await made.newPage()
    listen(page, 'portal-' + language)
    await show(page, 'portal-' + language, base + '/portal/#/credit', '.my-grade')
    for (const theme of ['light', 'dark']) {
      await look(page, theme, 'normal')
      await audit(page, `portal-credit-${language}-${theme}`)
      await fits(page, `portal-credit-${language}-${theme}`)
      await picture(page, `portal-credit-${language}-${theme}`)
    }
    const text = await page.textContent('main')
    check(!/内部排序|Internal order|重点名单|Focus list/.test(text ?? ''), 'portal: what is internal is told')
    if (language === 'zh') {
      const object = page.locator('.ways-2 .btn').first()
      if ((await object.count()) && (await object.isEnabled())) {
        await object.click()
        await page.locator('.step-form .btn-primary').click()
        await page.waitForSelector('.step-form .err')
        await page.fill('#credit-text', '罚款已经缴清，请核对。')
        await audit(page, 'portal-objection')
        await picture(page, 'portal-objection')
        await page.locator('.step-form .btn-primary').click()
        await page.waitForSelector('.notice-green')
        check((await page.locator('.my-grade .st-near').count()) === 1, 'portal: the objection is not marked')
        await picture(page, 'portal-objected')
      } else console.log('        no grade to object to: the objection was not walked')
    }
    await page.setViewportSize({ width: 320, height: 720 })
    await fits(page, `portal-credit-${language}-320`)
    await audit(page, `portal-credit-${language}-320`)
    await picture(page, `portal-credit-${language}-320`)
    await made.close()
  }
}
await browser.close()
process.exit(done())
