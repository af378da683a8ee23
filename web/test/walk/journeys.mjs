// What people do, from the first page to the last: every number opens its records, the keyboard alone suffices,
// the journeys keep to their clicks, and an ended session loses nothing.

import { audit, check, context, countClicks, listen, reader, show, signIn, tabTo } from '../browser.mjs'

/** Every number of the report opens to exactly that many records. */
export async function drill({ browser, base, shots }) {
  const made = await context(browser)
  await signIn(made, base, 'head_of_authority')
  const ask = await reader(made, base)
  const meta = await ask.get('/api/meta')
  const report = `/reports/${meta.default_report}?org=${meta.default_organisation}&period=${meta.default_period}`
  const page = await made.newPage()
  listen(page, 'drill')
  await show(page, 'drill', base + report, '.figs .n')
  const links = await page.$$eval('a.n[data-figure]', (all) =>
    all.map((one) => ({
      href: one.getAttribute('href'),
      text: one.textContent.trim(),
      figure: one.dataset.figure,
    })),
  )
  const unique = [...new Map(links.map((one) => [one.href, one])).values()]
  check(unique.length >= 11, `drill: only ${unique.length} numbers`)
  const clicked = new Set()
  for (const link of unique) {
    if (clicked.has(link.figure)) continue
    clicked.add(link.figure)
    await show(page, 'drill', base + report, '.figs .n')
    await page.locator(`a.n[href="${link.href}"]`).first().click()
    await page.waitForSelector('[data-total]')
    const total = (await page.textContent('[data-total]')).trim()
    check(total === link.text, `drill: ${link.href}: report says ${link.text}, members say ${total}`)
    let rows = 0
    for (;;) {
      await page.waitForSelector('[data-member]')
      rows += await page.locator('[data-member]').count()
      const forward = page.locator('.pager a', { hasText: '下一页' })
      if (!(await forward.count()) || rows > 400) break
      const before = await page.textContent('.pager span')
      await forward.click()
      await page.waitForFunction((old) => document.querySelector('.pager span')?.textContent !== old, before)
    }
    const wanted = Number(link.text.replace(/,/g, ''))
    check(wanted > 400 || rows === wanted, `drill: ${link.figure}: ${rows} rows of ${link.text}`)
  }
  for (const link of unique) {
    // the rest by the interface itself
    const asked = new URL(link.href, base)
    const members = await ask.get(`/api${asked.pathname}/members${asked.search}&limit=1`)
    check(
      members.total === Number(link.text.replace(/,/g, '')),
      `drill: ${link.href}: ${link.text} but ${members.total}`,
    )
  }
  await page.emulateMedia({ media: 'print' })
  await show(page, 'print', base + report, '.figs .n')
  await page.pdf({ path: `${shots}/report.pdf`, format: 'A4', printBackground: true })
  await made.close()
}

/** Fills the open dialog with keys alone: every required field, by its kind. */
async function fillByKeys(page) {
  for (let step = 0; step < 60; step += 1) {
    const here = await page.evaluate(() => {
      const one = document.activeElement
      const dialog = one?.closest('dialog[open]')
      if (!dialog) return null
      const kind = one.tagName === 'SELECT' ? 'select' : one.tagName === 'TEXTAREA' ? 'text' : one.type
      const label = dialog.querySelector(`label[for="${one.id}"]`)?.textContent ?? ''
      const needed = one.getAttribute('aria-required') === 'true'
      return {
        kind,
        label,
        needed,
        value: one.value ?? '',
        mode: one.inputMode,
        checked: one.checked,
        name: one.name,
      }
    })
    if (!here) return
    if (here.kind === 'submit') return
    if (here.kind === 'select' && !here.value && here.needed) await page.keyboard.press('ArrowDown')
    if ((here.kind === 'text' || here.kind === 'textarea') && !here.value && here.needed)
      await page.keyboard.type(
        here.mode === 'decimal' ? '100.00' : here.mode === 'numeric' ? '1' : '核对属实',
      )
    if (here.kind === 'date' && here.needed) await page.keyboard.type('07202025')
    if (here.kind === 'radio' && !here.checked) await page.keyboard.press('Space')
    if (here.kind === 'checkbox' && !here.checked) await page.keyboard.press('Space')
    await page.keyboard.press('Tab')
  }
}

/** An officer clears today's list without a mouse: j and Enter open what is due, Tab and Enter take a step. */
export async function keyboard({ browser, base, shots }) {
  const made = await context(browser)
  await signIn(made, base, 'officer')
  const page = await made.newPage()
  listen(page, 'keyboard', /409|422|403/) // a refusal is an answer here
  let pointer = false
  await page.exposeFunction('pointed', () => (pointer = true))
  await page.addInitScript(() => addEventListener('pointerdown', () => window.pointed(), true))
  await show(page, 'keyboard', base + '/', '.todo li, .empty')
  const due = await page.locator('.todo li').count()
  check(due > 0, 'keyboard: nothing is due, nothing to clear')
  let taken = 0
  for (let row = 0; row < Math.min(due, 6) && taken < 2; row += 1) {
    await show(page, 'keyboard', base + '/', '.todo li')
    for (let press = 0; press <= row; press += 1) await page.keyboard.press('j')
    check((await page.locator('.todo li.is-cursor').count()) === 1, 'keyboard: no row under the cursor')
    await page.keyboard.press('Enter')
    try {
      await page.waitForSelector('.steps li', { timeout: 5000 })
    } catch {
      check(false, `keyboard: Enter opened ${page.url()}`)
      continue
    }
    const open = await page.locator('.steps li.open button').count()
    for (let choice = 0; choice < Math.min(open, 3) && !(await page.locator('.toast').count()); choice += 1) {
      const reached = await tabTo(
        page,
        `(one) => one === document.querySelectorAll('.steps li.open button')[${choice}]`,
        'an open step',
      )
      if (!reached) break
      await page.keyboard.press('Enter')
      await page.waitForSelector('dialog[open]')
      await fillByKeys(page)
      if (choice === 0 && row === 0) await page.screenshot({ path: `${shots}/keyboard-step.png` })
      await page.keyboard.press('Enter')
      await page
        .waitForSelector('.toast, dialog[open] [role="alert"], dialog[open] [aria-invalid="true"]', {
          timeout: 15_000,
        })
        .catch(() => undefined)
      if (!(await page.locator('.toast').count())) {
        const said = await page.locator('dialog[open] [role="alert"], dialog[open] .err').allTextContents()
        console.log('        refused: ' + said.join(' ').trim().slice(0, 160))
      }
      if (await page.locator('dialog[open]').count()) {
        await page.keyboard.press('Escape') // refused: the reason stands there; the next step is tried
        await page.waitForTimeout(150)
        const back = await page.evaluate(() => document.activeElement?.closest('.steps') !== null)
        check(back, 'keyboard: the focus is lost after a dialog')
      }
    }
    if (await page.locator('.toast').count()) taken += 1
  }
  check(taken > 0, 'keyboard: no step could be taken')
  check(!pointer, 'keyboard: the pointer was used')

  // the list: choose two rows with x, everything with one key more, and help
  await show(page, 'keyboard', base + '/dossiers?open=true', '.tb-work tbody tr')
  await page.keyboard.press('j')
  await page.keyboard.press('x')
  await page.keyboard.press('j')
  await page.keyboard.press('x')
  check((await page.locator('tr.is-chosen').count()) === 2, 'keyboard: x does not choose')
  await page.keyboard.press('j')
  await page.keyboard.press('j')
  await page.keyboard.press('Shift+X')
  check((await page.locator('tr.is-chosen').count()) === 4, 'keyboard: Shift+X does not choose a range')
  await page.keyboard.press('?')
  await page.waitForSelector('dialog[open]')
  await page.keyboard.press('Escape')
  await page.keyboard.press('Control+k')
  await page.waitForSelector('.palette')
  await page.keyboard.type('区域')
  await page.waitForTimeout(400)
  await audit(page, 'palette with results')
  await page.keyboard.press('Escape')
  check((await page.locator('.palette').count()) === 0, 'keyboard: Escape leaves the palette open')
  await made.close()
}

/** Journeys and what they may cost. */
export async function journeys({ browser, base, shots }) {
  const made = await context(browser)
  await signIn(made, base, 'head_of_authority')
  const page = await made.newPage()
  listen(page, 'journeys')
  const clicks = await countClicks(page)

  // J1: the mid-year report, a number, its records, the report as a file; at most 4
  await show(page, 'J1', base + '/', '.rail a')
  await clicks.reset()
  await page.locator('.rail a', { hasText: /^报告/ }).first().click()
  await page.waitForSelector('.figs .n')
  await page.locator('.figs .n').first().click()
  await page.waitForSelector('[data-member]')
  await page.goBack()
  await page.waitForSelector('.figs .n')
  const file = page.locator('a[href*=".xlsx"], a[href*=".txt"]').first()
  check((await file.count()) === 1, 'J1: the report offers no file')
  const [download] = await Promise.all([
    page.waitForEvent('download', { timeout: 10_000 }).catch(() => null),
    file.click(),
  ])
  check(download !== null || (await page.locator('pre').count()) > 0, 'J1: no file came')
  const one = await clicks.count()
  check(one <= 4, `J1: ${one} clicks, 4 allowed`)

  // a region with something open, so that there is somebody to remind
  const ask = await reader(made, base)
  const regions = (await ask.get('/api/compare')).units
  let region = regions[0]
  for (const unit of regions) {
    const open = await ask.get(`/api/dossiers?org=${unit.org}&open=true&limit=1`)
    if (open.total > 0) region = unit
    if (open.total > 0) break
  }
  await ask.close()

  // J10: compare the regions, a county, its open items, remind; at most 5
  await show(page, 'J10', base + '/', '.rail a')
  await clicks.reset()
  await page.locator('.rail a', { hasText: '区域对比' }).click()
  await page.waitForSelector('.ranks li')
  await page.screenshot({ path: `${shots}/J10-compare.png` })
  await page.locator(`.ranks [data-mark="${region.org}"] .k`).click()
  await page.waitForSelector('.tb-work tbody tr')
  const all = page.locator('thead .c-check input')
  if (await all.count()) {
    await all.click()
    await page.locator('.bulk-acts .btn', { hasText: '催办' }).click()
    await page.waitForSelector('dialog[open]')
    await page.locator('dialog[open] .end .btn-primary').click()
    await page.waitForSelector('.job')
    try {
      await page.waitForSelector('dialog[open] .st-done, dialog[open] .st-no', { timeout: 15_000 })
    } catch {
      check(false, 'J10: the job does not end')
    }
    await page.screenshot({ path: `${shots}/J10-outcome.png` })
    await audit(page, 'J10 outcome')
  }
  const ten = await clicks.count()
  check(ten <= 5, `J10: ${ten} clicks, 5 allowed`)

  // a view kept, found in the address, dropped again
  await show(page, 'views', base + '/dossiers?open=true&due=near', '.tabs')
  const name = '演练 ' + Date.now()
  await page.locator('.tab-act').click()
  await page.fill('#x-name', name)
  await page.locator('dialog[open] .end .btn-primary').click()
  await page.waitForSelector('dialog[open]', { state: 'detached' })
  await show(page, 'views', base + '/dossiers', '.tabs')
  await page.locator('.tabs a', { hasText: name }).click()
  check(/due=near/.test(page.url()), 'views: the address does not hold the filters')
  await page.locator('.tab-act').click()
  await page.locator('dialog[open] .btn-danger').click()
  await page.waitForSelector('dialog[open]', { state: 'detached' })
  // the dialog closes when the drop is recorded, the tabs are read again behind it
  await page.locator('.tabs a', { hasText: name }).waitFor({ state: 'detached', timeout: 5000 }).catch(() => undefined)
  check((await page.locator('.tabs a', { hasText: name }).count()) === 0, 'views: a dropped view stays')

  // an export: format, job, file
  await show(page, 'export', base + '/dossiers', '.tb-work tbody tr')
  await page.locator('.head .btn', { hasText: '导出' }).click()
  await page.waitForSelector('dialog[open]')
  await page.locator('dialog[open] .end .btn-primary').click()
  try {
    await page.waitForSelector('dialog[open] a[download]', { timeout: 20_000 })
    await page.screenshot({ path: `${shots}/export.png` })
  } catch {
    check(false, 'export: no file')
  }

  // a thousand rows within 300 ms, the best of five
  await show(page, 'table', base + '/gallery', '#draw')
  let best = Infinity
  for (let round = 0; round < 5; round += 1) {
    await page.click('#draw')
    await page.waitForSelector('#thousand tbody tr:nth-child(1000)')
    best = Math.min(best, Number(await page.getAttribute('#took', 'data-ms')))
  }
  console.log(`        a thousand rows: ${best} ms`)
  check(best <= 300, `table: a thousand rows took ${best} ms, 300 allowed`)

  // chart and table say the same
  await show(page, 'parity', base + '/compare', '.ranks li')
  const marks = await page.$$eval('.ranks li', (all) =>
    all.map((row) => row.querySelector('.q').textContent.trim()),
  )
  await page.locator('.chart-fig .sec-h .btn-link').first().click()
  const cells = await page.$$eval('.tb-twin tbody tr', (all) =>
    all.map((row) => row.children[3].textContent.trim()),
  )
  check(
    JSON.stringify(marks) === JSON.stringify(cells),
    `parity: chart ${marks.join()} table ${cells.join()}`,
  )
  await made.close()
}

/** The session ends while somebody types: sign in again where one stands, and nothing is lost. */
export async function sessions({ browser, base, shots }) {
  const made = await context(browser)
  const session = await signIn(made, base, 'officer')
  const page = await made.newPage()
  listen(page, 'session', /401/)
  await show(page, 'session', base + '/dossiers?open=true', '.tb-work tbody tr')
  await page.locator('.tb-work a[data-open]').first().click()
  await page.waitForSelector('.steps li')
  await page.evaluate(() => (window.stays = true))
  await page.click('.me-lang')
  await page.waitForFunction(() => document.documentElement.lang === 'en')
  check(await page.evaluate(() => window.stays === true), 'language: the page was loaded again')
  await page.click('.me-lang')
  const act = page.locator('.steps li.open button').first()
  if (await act.count()) {
    await act.click()
    await page.waitForSelector('dialog[open]')
    const area = page.locator('dialog textarea, dialog input[type=text]').first()
    const typed = (await area.count()) > 0
    if (typed) await area.fill('核对后写下的内容')
    await page.evaluate(() => fetch('/api/session', { method: 'DELETE' }))
    await page.locator('dialog[open] [type=submit]').click()
    await page
      .waitForSelector('dialog[open] .sign-form', { timeout: 5000 })
      .catch(() => check(false, 'session: its end is not noticed'))
    await audit(page, 'session ended')
    await page.screenshot({ path: `${shots}/session-ended.png` })
    if (typed) check((await area.inputValue()) === '核对后写下的内容', 'session: what was typed is lost')
  }
  check(session.entry === 'desk', 'session: an officer works at the desk')
  // a stranger is sent to the door, and after it to the page that was asked for
  await show(page, 'door', base + '/compare', '.sign-form')
  check(/\/sign-in\?to=%2Fcompare|\/sign-in\?to=\/compare/.test(page.url()), 'door: ' + page.url())
  await page.locator('[data-role="head_of_authority"]').click()
  await page
    .waitForSelector('.ranks li, .empty', { timeout: 8000 })
    .catch(() => check(false, 'door: not let in to ' + page.url()))
  // nobody leads elsewhere through it
  await page.goto(base + '/sign-in?to=//example.org/')
  await page.waitForSelector('[data-role="officer"]')
  await page.locator('[data-role="officer"]').click()
  await page.waitForSelector('.rail')
  check(page.url().startsWith(base), 'door: led to ' + page.url())
  await page.click('.me-now')
  await page.waitForSelector('.me-menu')
  await audit(page, 'person menu')
  await made.close()

  // a server that does not answer
  const down = await context(browser)
  const dead = await down.newPage()
  await dead.route('**/api/**', (route) => route.abort())
  await dead.goto(base + '/')
  await dead.waitForSelector('.notice-red')
  await audit(dead, 'down')
  await dead.screenshot({ path: `${shots}/down.png` })
  await down.close()
}
