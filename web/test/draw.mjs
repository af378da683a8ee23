// Draws, inspectors, estimates, conferences and the operator's own line on a demo server: the ceremony by two parties, from the plan to
// the teams and a recusal; the conference as a whole and object by object, printed; everything in both languages, light and dark.
//   node test/draw.mjs BASE_URL [--shots DIR] [--part ceremony|screens|portal|print]
// The server's data are changed: give it a copy.
// mission: A2 H5

import { mkdirSync, writeFileSync } from 'node:fs'
import { audit, check, context, done, fits, launch, listen, look, reader, show, signIn } from './browser.mjs'

const base = process.argv[2]
if (!base?.startsWith('http')) {
  console.error('give the address of a demo server')
  process.exit(2)
}
const option = (name) => (process.argv.includes(name) ? process.argv[process.argv.indexOf(name) + 1] : '')
const shots = option('--shots')
const takes = (name) => !option('--part') || option('--part') === name
if (shots) mkdirSync(shots, { recursive: true })
const browser = await launch()
const picture = async (page, name, fullPage = true) => {
  if (!shots) return
  await page.evaluate(() => scrollTo(0, 0))
  await page.screenshot({ path: `${shots}/${name}.png`, fullPage, timeout: 120_000 })
}
const closed = (page) => page.waitForSelector('dialog[open]', { state: 'detached' })
async function english(page, name) {
  const found = await page.evaluate(() =>
    [...document.querySelectorAll('main h2, main th[scope="col"], main label, main dt, main button, main .tabs a, main .st')]
      .filter((one) => one.checkVisibility() && !one.closest('.progress, tbody'))
      .map((one) => one.textContent.trim())
      .filter((text) => /[\u4e00-\u9fff]/.test(text)),
  )
  check(found.length === 0, `${name}: Chinese in English: ${[...new Set(found)].slice(0, 4).join(' | ')}`)
}

/** Takes a step from the list by its id and answers its dialog. */
async function step(page, id, answer = async () => undefined) {
  await page.locator(`.steps li[data-step="${id}"] button`).first().click()
  await page.waitForSelector('dialog[open]')
  await answer()
  await page.locator('dialog[open] [type=submit]').click()
  await closed(page)
}

if (takes('ceremony')) {
  const first = await context(browser)
  await signIn(first, base, 'risk_analyst')
  const page = await first.newPage()
  listen(page, 'ceremony', /status of (409|422)/) // refusals that are asked for
  await show(page, 'plan', base + '/draws/plan', '.plan-form')
  await page.fill('#p-title', '零售企业双随机抽查')
  await page.fill('#p-places', '30')
  const today = await page.getAttribute('#p-reveal', 'min')
  const day = (n) => new Date(Date.parse(today) + n * 86_400_000).toISOString().slice(0, 10)
  await page.fill('#p-reveal', day(7))
  await page.locator('.acts .btn').first().click()
  await page.waitForSelector('#p-strata', { timeout: 60_000 })
  await audit(page, 'plan')
  await fits(page, 'plan')
  await picture(page, 'plan-zh')
  await page.fill('#p-places', '999999')
  await page.locator('.acts .btn').first().click()
  await page.waitForSelector('.notice-red')
  const refusal = await page.locator('.notice-red').innerText()
  check(
    refusal.split('\n').every((line) => !line || /[\u4e00-\u9fff]/.test(line)),
    `plan: too many places are refused as ${refusal}`,
  )
  await picture(page, 'plan-refused', false)
  await page.fill('#p-places', '30')
  await page.locator('.acts .btn').first().click()
  await page.waitForSelector('#p-strata', { timeout: 60_000 })
  await page.locator('.acts .btn-primary').click()
  await page.waitForURL(/\/draws\/[^/]+$/, { timeout: 60_000 })
  await page.waitForSelector('.stages')
  const address = page.url()
  await audit(page, 'ceremony opened')
  await picture(page, 'ceremony-1-opened')
  // refused before its time, and said why
  check((await page.locator('.steps li.no[data-step="draw"]').count()) <= 1, 'ceremony: a result before the seeds')
  await step(page, 'commit', async () => {
    await audit(page, 'commit dialog')
    await picture(page, 'ceremony-2-commit', false)
  })
  await page.waitForSelector('.parties li')
  const second = await context(browser)
  await signIn(second, base, 'legal_reviewer')
  const other = await second.newPage()
  listen(other, 'second party', /status of 422/)
  await show(other, 'second party', address, '.stages')
  await step(other, 'commit')
  await other.waitForSelector('.parties li:nth-child(2)')
  // the first party's page sees the second by itself
  await page.waitForSelector('.parties li:nth-child(2)', { timeout: 15_000 })
  await picture(page, 'ceremony-3-committed')
  await step(page, 'reveal')
  await page.waitForSelector('.parties .st-done')
  await other.waitForSelector('.parties .st-done', { timeout: 15_000 })
  // a seed that was not committed is refused
  await other.locator('.steps li[data-step="reveal"] button').first().click()
  await other.waitForSelector('dialog[open]')
  const kept = await other.inputValue('#seed-seed')
  check(/^[0-9a-f]{64}$/.test(kept), 'ceremony: the seed was not kept for its party')
  await other.fill('#seed-seed', 'ab'.repeat(32))
  await other.locator('dialog[open] [type=submit]').click()
  await other.waitForSelector('dialog[open] #seed-seed-error') // beside its field, which has the focus
  check(
    /[\u4e00-\u9fff]/.test(await other.locator('#seed-seed-error').textContent()) &&
      (await other.evaluate(() => document.activeElement?.id)) === 'seed-seed',
    'ceremony: another seed is not refused in words beside its field',
  )
  await picture(other, 'ceremony-4-another-seed', false)
  await other.fill('#seed-seed', kept)
  await other.locator('dialog[open] [type=submit]').click()
  await closed(other)
  await page.waitForSelector('.parties li:nth-child(2) .st-done', { timeout: 15_000 })
  await step(page, 'draw')
  await page.waitForSelector('.steps li[data-step="publish"]')
  check((await page.locator('.tb-drawn').count()) === 0, 'ceremony: the result is shown before it is published')
  await picture(page, 'ceremony-5-computed')
  await step(page, 'publish', async () => page.fill('dialog[open] textarea', '不需要保密'))
  await page.waitForSelector('.tb-drawn')
  await page.waitForSelector('[aria-labelledby="d-check"] .notice-green', { timeout: 60_000 })
  await audit(page, 'ceremony published')
  await fits(page, 'ceremony published')
  // teams: look, fix, recusal, inspections
  await page.fill('.ask-line input[type=date] >> nth=0', day(3))
  await page.fill('.ask-line input[type=date] >> nth=1', day(20))
  await page.fill('.ask-line input[type=number]', '1')
  await page.locator('.ask-line .btn').first().click()
  await page.waitForSelector('[aria-labelledby="d-teams"] .notice-red')
  check(/二人/.test(await page.locator('[aria-labelledby="d-teams"] .notice-red').textContent()), 'teams: a team of one is not refused in words')
  await page.fill('.ask-line input[type=number]', '2')
  await page.locator('.ask-line .btn').first().click()
  await page.waitForSelector('.tb-teams tbody tr, .certificate', { timeout: 30_000 })
  check((await page.locator('.tb-teams tbody tr').count()) > 0, 'teams: none')
  await page.locator('.ask-line .btn-primary').click()
  await page.waitForSelector('[aria-labelledby="d-teams"] .tag')
  const head = await context(browser)
  await signIn(head, base, 'unit_head')
  const chief = await head.newPage()
  listen(chief, 'recusal')
  await show(chief, 'recusal', address, '.tb-teams')
  const before = await chief.locator('.tb-teams tbody tr td:nth-child(4)').allTextContents()
  await chief.locator('.tb-teams .btn-link').first().click()
  await chief.waitForSelector('dialog[open]')
  await audit(chief, 'recusal dialog')
  await picture(chief, 'ceremony-6-recusal', false)
  await chief.locator('dialog[open] [type=submit]').click()
  await closed(chief)
  await chief.waitForSelector('.replaced')
  const after = await chief.locator('.tb-teams tbody tr td:nth-child(4)').allTextContents()
  check(before[0] !== after[0], 'recusal: the team is the same')
  check(before.slice(1).join() === after.slice(1).join(), 'recusal: another team changed')
  await chief.locator('[aria-labelledby="d-teams"] .line .btn').click()
  await chief.waitForFunction(() => !document.querySelector('[aria-labelledby="d-teams"] .line .btn'), null, { timeout: 60_000 })
  check((await chief.locator('.tb-teams tbody td:nth-child(5) a').count()) > 0, 'visits: no inspection was opened')
  await audit(chief, 'round')
  await picture(chief, 'ceremony-7-round')
  await show(page, 'short', address, '.stages')
  for (const one of [first, second, head]) await one.close()
}

async function things(role) {
  const made = await context(browser)
  await signIn(made, base, role)
  const ask = await reader(made, base)
  const draws = await ask.get('/api/draws?limit=50')
  const conferences = await ask.get('/api/conferences?limit=50')
  await ask.close()
  await made.close()
  return {
    draw: draws.items?.find((one) => one.state.id === 'published')?.id ?? '',
    conference: conferences.items?.find((one) => one.state.id === 'locked')?.id ?? conferences.items?.[0]?.id ?? '',
  }
}

if (takes('screens'))
  for (const language of ['zh', 'en']) {
    const of = await things('unit_head')
    check(of.draw !== '' && of.conference !== '', 'the demo has a published draw and a conference')
    const made = await context(browser, { language })
    await signIn(made, base, 'unit_head')
    for (const [name, path, ready] of [
      ['draws', '/draws', '.draws tbody tr'],
      ['draw', '/draws/' + of.draw, '[aria-labelledby="d-check"] .notice-green'],
      ['inspectors', '/inspectors', '.tb-inspectors tbody tr'],
      ['estimates', '/estimates', '.tb-rates tbody tr'],
      ['conferences', '/conferences', '.conferences tbody tr'],
      ['conference', '/conferences/' + of.conference, '.scored li'],
    ]) {
      const page = await made.newPage()
      const label = `${name}-${language}`
      listen(page, label)
      await show(page, label, base + path, ready)
      if (name === 'estimates') {
        await page.locator('.ask-line .btn-primary').click()
        await page.waitForSelector('.policies li', { timeout: 120_000 })
      }
      await page.waitForTimeout(300)
      if (language === 'en') await english(page, label)
      for (const [theme, size] of [['light', 'normal'], ['dark', 'normal'], ['light', 'large']]) {
        await look(page, theme, size)
        const seen = `${label}-${size === 'normal' ? theme : size}`
        await audit(page, seen)
        await fits(page, seen)
        await picture(page, seen)
      }
      if (name === 'estimates') {
        await page.locator('.chart-fig .sec-h .btn-link').click()
        const rows = await page.locator('.tb-twin tbody tr').count()
        check(rows === 5, `estimates: the twin of the chart has ${rows} rows`)
      }
      await page.close()
    }
    await made.close()
    const small = await context(browser, { language, width: 320, height: 720 })
    await signIn(small, base, 'unit_head')
    for (const [name, path, ready] of [
      ['draw', '/draws/' + of.draw, '.stages'],
      ['conference', '/conferences/' + of.conference, '.scored li'],
      ['inspectors', '/inspectors', '.tb-inspectors tbody tr'],
    ]) {
      const page = await small.newPage()
      listen(page, `${name}-320`)
      await show(page, `${name}-320`, base + path, ready)
      await fits(page, `${name}-320-${language}`)
      await audit(page, `${name}-320-${language}`)
      if (language === 'zh') await picture(page, `${name}-320`)
      await page.close()
    }
    await small.close()
  }

// the two objects of one meeting, each on its own paper
if (takes('print')) {
  const of = await things('unit_head')
  for (const language of ['zh', 'en']) {
    const made = await context(browser, { language, width: 1000, height: 1400 })
    await signIn(made, base, 'unit_head')
    for (const item of ['', 'risk', 'campaign']) {
      const page = await made.newPage()
      const label = `conference-report-${language}${item && '-' + item}`
      listen(page, label)
      await show(page, label, `${base}/conferences/${of.conference}${item && '?item=' + item}`, '.agenda-list li')
      if (item !== 'risk') await page.waitForSelector('.progress dd', { timeout: 20_000 }).catch(() => check(false, `${label}: no figure of the campaign`))
      await page.emulateMedia({ media: 'print' })
      const parts = await page.evaluate(() => ({
        risk: document.querySelector('#c-items') !== null,
        campaign: document.querySelector('#c-campaign') !== null,
        text: document.querySelector('main').innerText,
        buttons: [...document.querySelectorAll('.btn, .rail')].some((one) => one.checkVisibility()),
      }))
      check(parts.risk === (item !== 'campaign'), `${label}: the risk object`)
      check(parts.campaign === (item !== 'risk'), `${label}: the campaign object`)
      check(!parts.buttons, `${label}: controls on paper`)
      if (item !== 'campaign') check(/6\/6/.test(parts.text), `${label}: 6/6 is not said`)
      if (item !== 'risk') check(/\b93\b/.test(parts.text) && /545/.test(parts.text), `${label}: the campaign's figures are not there`)
      await picture(page, label)
      if (shots) writeFileSync(`${shots}/${label}.pdf`, await page.pdf({ format: 'A4', printBackground: true }))
      await page.close()
    }
    await made.close()
  }
}

// an operator finds itself in the public file
if (takes('portal'))
  for (const [language, theme, width] of [['zh', 'light', 1280], ['zh', 'dark', 1280], ['en', 'light', 1280], ['zh', 'light', 320]]) {
    const made = await context(browser, { language, theme, width, height: width < 500 ? 720 : 900 })
    await signIn(made, base, 'operator_user')
    const page = await made.newPage()
    const label = `portal-draws-${language}-${width < 500 ? 'phone' : theme}`
    listen(page, label, /401|404|Failed to load/)
    await show(page, label, base + '/portal/#/draws', '.sec h2')
    await page.locator('.act-line .btn').first().click()
    await page.waitForSelector('.sec .st-done')
    await audit(page, label)
    await fits(page, label)
    await picture(page, label)
    await made.close()
  }

await browser.close()
process.exit(done())
