// Every screen × {light, dark, large} × {full, empty, failing}, and every dialog.

import { audit, check, context, fits, listen, look, reader, show, signIn } from '../browser.mjs'

const looks = [
  ['light', 'normal'],
  ['dark', 'normal'],
  ['light', 'large'],
]
const frame = /\/api\/(session|meta|organisations|today|notices\?unread)/

/** A list without rows, whatever the list. */
function emptied(body) {
  if (Array.isArray(body)) return []
  if (!body || typeof body !== 'object') return body
  const result = { ...body }
  for (const name of ['items', 'units', 'timeline', 'documents', 'links', 'licences'])
    if (Array.isArray(result[name])) result[name] = []
  for (const name of ['total', 'late', 'near', 'suspended', 'unread'])
    if (typeof result[name] === 'number') result[name] = 0
  if ('next' in result) result.next = null
  return result
}
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

/** What there is to open: [name, path, what shows that it is there, states, dialogs]. A dialog is a list of
    selectors to click; the last step leaves it open. */
async function known(browser, base, role) {
  const made = await context(browser)
  await signIn(made, base, role)
  const ask = await reader(made, base)
  const meta = await ask.get('/api/meta')
  const list = await ask.get('/api/dossiers?sort=due&open=true&limit=50')
  const rows = (list.items ?? []).filter((row) => !row.restricted)
  let dossier = rows.find((row) => row.clock) ?? rows[0]
  for (const row of rows.slice(0, 12)) {
    const one = await ask.get(`/api/dossiers/${encodeURIComponent(row.id)}`)
    const best = dossier.clocks ?? 0
    if ((one.clocks?.length ?? 0) > best) dossier = { ...row, clocks: one.clocks.length }
  }
  await ask.close()
  await made.close()
  return { meta, dossier }
}

const rowsOf = '.tb-work tbody tr, .empty'
function rooms({ meta, dossier }) {
  const scope = `org=${meta.default_organisation}&period=${meta.default_period}`
  const report = `/reports/${meta.default_report}`
  const operator = dossier?.operator ? `/operators/${encodeURIComponent(dossier.operator.id)}` : null
  const object = dossier ? `/dossiers/${encodeURIComponent(dossier.id)}` : '/dossiers'
  return {
    '': [
      ['sign-in', '/sign-in', '.sign-form', ['full', 'error']],
      ['set-up', '/set-up', '.empty, .set-up', ['full', 'error']],
    ],
    officer: [
      ['today', '/', '.todo li, .empty', ['full', 'empty', 'error']],
      [
        'dossiers',
        '/dossiers?open=true',
        rowsOf,
        ['full', 'empty', 'error'],
        [
          ['export', '.head .btn'],
          ['view', '.tab-act'],
          ['bulk', 'tbody .c-check input >> nth=0', '.bulk-acts .btn >> nth=0'],
          ['remind', 'tbody .c-check input >> nth=0', '.bulk-acts .btn >> nth=2'],
        ],
      ],
      ['dossier', object, '.steps li', ['full', 'error'], [['step', '.steps li.open button >> nth=0']]],
      ['operators', '/operators', rowsOf, ['full', 'empty', 'error']],
      ...(operator ? [['operator', operator, '.subject', ['full', 'empty', 'error']]] : []),
      ['limit', `/law/limits?id=${dossier?.clock?.limit ?? 'CASE.DECIDE'}`, '.facts dt', ['full', 'error']],
      [
        'procedure',
        `/law/procedures/${dossier?.procedure.id ?? 'penalty_case'}`,
        '.tb tbody tr',
        ['full', 'error'],
      ],
      ['notices', '/notices', '.inbox li, .empty', ['full', 'empty', 'error']],
      ['account', '/account', '.account table', ['full', 'error'], [['token', '#a-tokens ~ .btn']]],
      ['gallery', '/gallery', '.gallery .chart', ['full'], [['dialog', '#g-dialog']]],
      ['missing', '/no/such/page', '.empty', ['full']],
      ['palette', '/', '.todo li, .empty', [], [['palette', 'button.find']]],
    ],
    head_of_authority: [
      ['report', `${report}?${scope}`, '.figs .n', ['full', 'error']],
      ['members', `${report}/figures/cases?${scope}`, '[data-member], .empty', ['full', 'empty', 'error']],
      ['reports', '/reports', '.tb tbody tr, .empty', ['full', 'empty', 'error']],
      ['compare', '/compare', '.ranks li, .empty', ['full', 'empty', 'error']],
      ['journal', '/journal', '.how li', ['full', 'error']],
      ['fact', '/journal/1', '.facts dd', ['full', 'error']],
      [
        'grants',
        '/admin/grants',
        '.tb-admin tbody tr, .empty',
        ['full', 'empty', 'error'],
        [['add', '.head .btn-primary']],
      ],
    ],
    system_admin: [
      ['today-admin', '/', '.todo li, .empty', ['full', 'empty', 'error']],
      [
        'organisations',
        '/admin/organisations',
        '.tb-admin tbody tr, .empty',
        ['full', 'empty', 'error'],
        [
          ['add', '.head .btn-primary'],
          ['change', '.tb-admin tbody tr >> nth=1 >> .acts .btn >> nth=1'],
          ['end', '.tb-admin tbody tr >> nth=1 >> .acts .btn >> nth=2'],
        ],
      ],
      [
        'people',
        '/admin/people',
        '.tb-admin tbody tr, .empty',
        ['full', 'empty', 'error'],
        [
          ['add', '.head .btn-primary'],
          ['roles', '.tb-admin tbody tr >> nth=0 >> .btn'],
        ],
      ],
      [
        'accounts',
        '/admin/accounts',
        rowsOf,
        ['full', 'empty', 'error'],
        [
          ['add', '.head .btn-primary'],
          ['change', '.tb-work tbody tr >> nth=0 >> .btn'],
        ],
      ],
    ],
    security_admin: [['proposals', '/admin/proposals', '.proposals li, .empty', ['full', 'empty', 'error']]],
    audit_admin: [['access', '/admin/access', rowsOf, ['full', 'empty', 'error']]],
  }
}

async function state(page, name) {
  await page.unrouteAll({ behavior: 'ignoreErrors' })
  if (name === 'full') return
  await page.route('**/api/**', async (route) => {
    const url = new URL(route.request().url())
    if (
      frame.test(url.pathname + url.search) &&
      !(name === 'error' && url.pathname === '/api/session/methods')
    )
      return route.fallback()
    if (name === 'error') return route.fulfill(failing)
    const response = await route.fetch()
    if (!(response.headers()['content-type'] ?? '').includes('application/json'))
      return route.fulfill({ response })
    return route.fulfill({ response, json: emptied(await response.json()) })
  })
}

async function walkRoom({ browser, base, shots }, role, pages, language) {
  const made = await context(browser, { language })
  if (role) await signIn(made, base, role)
  for (const [name, path, ready, states, dialogs = []] of pages) {
    const page = await made.newPage()
    if (!states.length) await show(page, name, base + path, ready)
    for (const one of language === 'zh' ? states : states.slice(0, 1)) {
      const label = `${name}-${language}-${one}`
      await state(page, one)
      page.removeAllListeners('console')
      listen(page, label, one === 'error' ? /503|Failed to load/ : name === 'missing' ? null : /401/)
      await show(page, label, base + path, one === 'error' ? '[role="alert"], .notice-red' : ready)
      for (const [theme, size] of language === 'zh' ? looks : looks.slice(0, 1)) {
        await look(page, theme, size)
        const seen = `${label}-${size === 'large' ? 'large' : theme}`
        await audit(page, seen)
        await fits(page, seen)
        if (one === 'full')
          await page.screenshot({ path: `${shots}/${seen}.png`, fullPage: name !== 'palette' })
      }
    }
    await state(page, 'full')
    for (const [dialog, ...clicks] of language === 'zh' ? dialogs : []) {
      const label = `${name}-${dialog}-dialog`
      await look(page, 'light', 'normal')
      await show(page, label, base + path, ready)
      try {
        for (const selector of clicks) await page.locator(selector).first().click({ timeout: 3000 })
        await page.waitForSelector('dialog[open]', { timeout: 3000 })
      } catch {
        check(false, `${label}: does not open`)
        continue
      }
      await page.waitForTimeout(200)
      for (const [theme, size] of looks) {
        await look(page, theme, size)
        await audit(page, `${label}-${theme}-${size}`)
        if (size === 'normal') await page.screenshot({ path: `${shots}/${label}-${theme}.png` })
      }
      await page.keyboard.press('Escape')
      await page.waitForTimeout(100)
      check((await page.locator('dialog[open]').count()) === 0, `${label}: Escape does not close it`)
    }
    await page.close()
  }
  await made.close()
}

export async function screens(walk) {
  const { browser, base, shots } = walk
  const all = rooms(await known(browser, base, 'officer'))
  for (const [role, pages] of Object.entries(all)) {
    if (walk.role !== undefined && walk.role !== role) continue
    await walkRoom(walk, role, pages, 'zh')
    await walkRoom(walk, role, pages, 'en')
    // small screens
    const made = await context(browser, { width: 320, height: 720 })
    if (role) await signIn(made, base, role)
    for (const [name, path, ready, states] of pages) {
      if (!states.length) continue
      const page = await made.newPage()
      listen(page, `${name}-320`, /401/)
      await show(page, `${name}-320`, base + path, ready)
      await audit(page, `${name}-320`)
      await fits(page, `${name}-320`)
      await page.screenshot({ path: `${shots}/${name}-320.png`, fullPage: true })
      await page.close()
    }
    await made.close()
  }
}
