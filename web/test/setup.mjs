// An administrator sets up a bureau from nothing: the code of the console, the first organisation, two
// administrators; a unit below it, a person, an account, a role that the second administrator agrees to; and the
// new officer's first sign-in, which must change the password. The server is new and holds no sample data.
//   node test/setup.mjs BASE_URL CODE SCREENSHOT_DIR [--chromium PATH]

import { mkdirSync } from 'node:fs'
import { audit, check, context, done, launch, listen, show } from './browser.mjs'

const [base, code, shots = 'screenshots'] = process.argv.slice(2)
if (!base || !code) {
  console.error('usage: node test/setup.mjs BASE_URL CODE SCREENSHOT_DIR [--chromium PATH]')
  process.exit(2)
}
mkdirSync(shots, { recursive: true })
const browser = await launch()
const secret = {
  system: 'Willow-7-harbour',
  security: 'Maple-3-lantern',
  fresh: 'Cedar-9-window',
  officer: 'Aspen-5-bridge',
}

async function signedIn(name, password, changed) {
  const made = await context(browser)
  const page = await made.newPage()
  listen(page, `as ${name}`, /401|403|409|422/)
  await show(page, `as ${name}`, base + '/sign-in', '.sign-form')
  await page.fill('#x-name', name)
  await page.fill('#x-password', password)
  await page.locator('.sign-form [type=submit]').click()
  await page
    .waitForSelector('.rail a, .account', { timeout: 60_000 })
    .catch(() => check(false, `${name}: not let in`))
  if (changed && (await page.locator('#x-old').count())) {
    await page.fill('#x-old', password)
    await page.fill('#x-new', changed)
    await page.fill('#x-again', changed)
    await page.locator('.account [type=submit]').first().click()
    await page.waitForSelector('.account form', { state: 'detached', timeout: 60_000 }).catch(() => undefined)
  }
  return { made, page }
}
/** So many rows stand there, once the list was read again. */
const rows = (page, selector, wanted, what) =>
  page
    .waitForFunction(([one, n]) => document.querySelectorAll(one).length === n, [selector, wanted], { timeout: 30_000 })
    .catch(() => check(false, what))
const submit = async (page) => {
  await page.locator('dialog[open] [type=submit]').click()
  await page.waitForSelector('dialog[open]', { state: 'detached', timeout: 60_000 }).catch(async () => {
    check(
      false,
      'refused: ' +
        (await page.locator('dialog[open] .notice-red, dialog[open] .err').allTextContents()).join(' '),
    )
    await page.keyboard.press('Escape')
  })
}

{
  const made = await context(browser)
  const page = await made.newPage()
  listen(page, 'set-up', /401|403|422/)
  await show(page, 'set-up', base + '/sign-in', '.notice .btn-primary')
  await audit(page, 'sign-in before set-up')
  await page.locator('.notice .btn-primary').click()
  await page.waitForSelector('.set-up')
  await audit(page, 'set-up')
  const fields = {
    code: 'WRONG-CODE',
    'org-name': '示例市市场监督管理局',
    'org-en': 'Sample City Market Regulator',
    'org-id': 'sample_city',
    'system_admin-person': '苏景行',
    'system_admin-name': 'sys0001',
    'system_admin-password': secret.system,
    'system_admin-again': secret.system,
    'security_admin-person': '安若谷',
    'security_admin-name': 'sec0001',
    'security_admin-password': secret.security,
    'security_admin-again': secret.security,
  }
  for (const [name, value] of Object.entries(fields)) await page.fill(`#x-${name}`, value)
  await page.selectOption('#x-org-kind', 'authority')
  await page.selectOption('#x-org-level', 'city')
  await page.screenshot({ path: `${shots}/set-up.png`, fullPage: true })
  await page.locator('.set-up [type=submit]').click()
  await page.waitForSelector('.err, .notice-red')
  check(
    (await page.inputValue('#x-org-name')) === fields['org-name'],
    'set-up: a refusal loses what was typed',
  )
  await page.fill('#x-code', code)
  await page.locator('.set-up [type=submit]').click()
  await page
    .waitForSelector('.notice-green', { timeout: 60_000 })
    .catch(() => check(false, 'set-up: not done'))
  await made.close()
}
{
  const { made, page } = await signedIn('sys0001', secret.system)
  await show(page, 'organisations', base + '/admin/organisations', '.tb-admin tbody tr')
  await page.locator('.tb-admin tbody tr .acts .btn').first().click()
  await page.fill('#x-name', '示例县市场监督管理局')
  await page.fill('#x-id', 'sample_county')
  await page.selectOption('#x-kind', 'authority')
  await submit(page)
  await rows(page, '.tb-admin tbody tr', 2, 'organisations: the unit is not there')
  await show(page, 'people', base + '/admin/people', '.head .btn-primary')
  await page.locator('.head .btn-primary').click()
  await page.fill('#x-name', '李承砚')
  await page.fill('#x-id', 'p-licheng')
  await page.selectOption('#x-organisation', 'sample_city')
  await submit(page)
  await page.locator('.tb-admin tbody tr', { hasText: '李承砚' }).locator('.btn').click()
  await page.locator('dialog[open] input[value="officer"]').check()
  await page.fill('#x-reason', '新任执法人员')
  await submit(page)
  await show(page, 'accounts', base + '/admin/accounts', '.head .btn-primary')
  await page.locator('.head .btn-primary').click()
  await page.waitForSelector('#x-person')
  await page.selectOption('#x-person', 'p-licheng').catch(() => page.fill('#x-person', 'p-licheng'))
  await page.fill('#x-name', 'hy0001')
  await submit(page)
  secret.first = (await page.locator('.notice-green code').textContent())?.trim() ?? ''
  check(secret.first.length >= 8, 'accounts: no first password')
  await audit(page, 'accounts')
  await page.screenshot({ path: `${shots}/set-up-account.png` })
  await made.close()
}
{
  const { made, page } = await signedIn('sec0001', secret.security, secret.fresh)
  await show(page, 'proposals', base + '/admin/proposals', '.proposals li')
  await page.locator('.proposals li .btn').first().click()
  await submit(page)
  await rows(page, '.proposals li', 0, 'proposals: the decision is not taken')
  await made.close()
}
{
  const { made, page } = await signedIn('hy0001', secret.first, secret.officer)
  await page
    .waitForSelector('.rail a', { timeout: 60_000 })
    .catch(() => check(false, 'the officer is not let in'))
  check(
    (await page.locator('.rail a', { hasText: '全部案卷' }).count()) === 1,
    'the officer sees no dossiers',
  )
  await audit(page, 'first day')
  await page.screenshot({ path: `${shots}/set-up-first-day.png` })
  await made.close()
}
await browser.close()
process.exit(done())
