// The pages of cases and the desks beside them on a demo server: screens by axe in every look and both languages, a case worked from lead to
// the receipt of the police with its presses counted, a referral that comes before the fine, a hearing, a partner that signs for a referral
// and answers it, an agency that does so with a lead, a paper checked by its printed code.
//   node test/case.mjs BASE_URL [--shots DIR] [--part screens|flow|hearing|heard|transfer|eyes|partner|lead|public] [--quick]

import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { audit, check, context, done, fits, launch, listen, look, show, signIn } from './browser.mjs'

const base = process.argv[2]
const option = (name) => (process.argv.includes(name) ? process.argv[process.argv.indexOf(name) + 1] : undefined)
const shots = option('--shots') ?? ''
const part = option('--part') ?? ''
const quick = process.argv.includes('--quick')
const takes = (name) => !part || part === name
if (shots) mkdirSync(shots, { recursive: true })
const browser = await launch()
const picture = (page, name) => (shots ? page.screenshot({ path: `${shots}/${name}.png`, fullPage: true, timeout: 180_000 }) : null)

/** A call as the page makes it; answers {status, body, tag}. */
const ask = (page, method, path, body, match) =>
  page.evaluate(
    async ([how, where, what, tag]) => {
      const headers = { 'Content-Type': 'application/json' }
      if (how !== 'GET') headers['Idempotency-Key'] = crypto.randomUUID()
      if (tag) headers['If-Match'] = tag
      const answer = await fetch(where, { method: how, headers, body: what ? JSON.stringify(what) : undefined })
      return { status: answer.status, tag: answer.headers.get('ETag'), body: await answer.json().catch(() => null) }
    },
    [method, path, body, match],
  )
/** The digest of a file of a few bytes that this person brings. */
const put = (page) =>
  page.evaluate(async () => {
    const data = new TextEncoder().encode('移送包 ' + Date.now())
    const hash = await crypto.subtle.digest('SHA-256', data)
    const hex = [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
    const send = async (method, where, body, type = 'application/json') => {
      const headers = { 'Content-Type': type }
      if (method === 'POST') headers['Idempotency-Key'] = crypto.randomUUID()
      return (await fetch(where, { method, headers, body })).json().catch(() => null)
    }
    const begun = await send('POST', '/api/uploads', JSON.stringify({ name: '移送包.json', bytes: data.length, digest_sha256: hex }))
    await send('PUT', `/api/uploads/${begun.id}/chunks/0`, data, 'application/octet-stream')
    return (await send('POST', `/api/uploads/${begun.id}/finish`, '{}')).digest
  })
/** Counts presses of the pointer. A press on a label reaches its control as a second click; it is one press. */
async function countPresses(page) {
  await page.addInitScript(() => {
    window.presses = Number(sessionStorage.getItem('presses') ?? 0)
    addEventListener(
      'pointerdown',
      (event) => {
        if (!event.isTrusted) return
        window.presses += 1
        sessionStorage.setItem('presses', String(window.presses))
      },
      true,
    )
  })
  return {
    reset: () =>
      page.evaluate(() => {
        window.presses = 0
        sessionStorage.setItem('presses', '0')
      }),
    count: () => page.evaluate(() => window.presses),
  }
}
async function person(role, options = {}) {
  const made = await context(browser, options)
  await signIn(made, base, role)
  const page = await made.newPage()
  await page.goto(base + '/account')
  return { made, page, close: () => made.close() }
}
async function act(who, id, step, form, approve = false, more = {}) {
  const path = '/api/dossiers/' + encodeURIComponent(id)
  const { tag } = await ask(who.page, 'GET', path)
  const answer = await ask(who.page, 'POST', `${path}/${approve ? 'approvals' : 'steps'}/${step}`, { form, ...more }, tag)
  check(answer.status === 201, `${approve ? 'approve ' : ''}${step}: ${answer.status} ${answer.body?.detail ?? ''}`)
  return answer
}

/** Opens a matter to a partner: proposed by the head of a unit, agreed by the head of the authority. */
async function openTo(lead, head, dossier, organisation, purpose, basis) {
  const granted = await ask(lead.page, 'POST', '/api/admin/grants', { dossier, organisation, actions: ['read', 'step'], purpose, basis, until: '2026-07-01' })
  check(granted.status < 300, `grant: ${granted.status} ${granted.body?.detail ?? ''}`)
  const open = (await ask(head.page, 'GET', '/api/admin/proposals?state=open&limit=50')).body.items
  const proposal = open.find((one) => JSON.stringify(one).includes(dossier)) ?? open[0]
  const agreed = await ask(head.page, 'POST', `/api/admin/proposals/${proposal?.id}/decide`, { decision: 'approved', digest: proposal?.digest })
  check(agreed.status < 300, `grant agreed: ${agreed.status} ${agreed.body?.detail ?? ''}`)
}
const points = ['jurisdiction', 'party', 'facts', 'nature', 'basis', 'procedure', 'proportion']
/** A case brought to the service of its advance notice without the pages. */
async function noticed({ head, legal }, title, { category = 'drug', violation = 'D03A', finish = {} } = {}) {
  const meta = (await ask(officer.page, 'GET', '/api/meta')).body
  const me = meta.person.id
  const others = (await ask(officer.page, 'GET', `/api/people?limit=200&organisation=${meta.default_organisation}`)).body.items
  const mate = others.find((one) => one.qualified && one.id !== me).id
  const opened = await ask(officer.page, 'POST', '/api/dossiers', {
    procedure: 'penalty_case',
    title,
    operator_id: some.operator?.id ?? '',
    category,
    form: { case_source: 'inspection', description: title, violation },
  })
  check(opened.status === 201, `open ${title}: ${opened.status} ${opened.body?.detail ?? ''}`)
  const id = opened.body?.dossier
  const two = { officers: [mate] }
  await act(officer, id, 'register', {})
  await act(head, id, 'file', { conditions: ['evidence', 'should_penalise', 'jurisdiction', 'in_time'], violation }, false, { officers: [me, mate] })
  await act(officer, id, 'start', {}, false, two)
  await act(officer, id, 'tell_rights', { recusal_asked: false }, false, two)
  await act(officer, id, 'collect_evidence', { evidence_kind: 'physical', evidence_description: '现场照片和票据' }, false, { ...two, evidence: [await put(officer.page)] })
  await act(officer, id, 'finish', { established_facts: title, evidence_relied_on: '照片、询问笔录', proposal: 'penalise', ...finish }, false, two)
  await act(officer, id, 'send_review', { review_kind: 'case_review' })
  const path = '/api/dossiers/' + encodeURIComponent(id)
  const laid = await ask(legal.page, 'POST', `${path}/proposals/agree_penalty`, { form: { points } }, (await ask(legal.page, 'GET', path)).tag)
  check(laid.status === 202, `agree_penalty laid before the head: ${laid.status} ${laid.body?.detail ?? ''}`)
  const agreed = await ask(head.page, 'POST', `${path}/approvals/agree_penalty`, { proposal: laid.body.proposal, digest: laid.body.digest }, (await ask(head.page, 'GET', path)).tag)
  check(agreed.status === 201, `agree_penalty: ${agreed.status} ${agreed.body?.detail ?? ''}`)
  return { id, me, mate }
}
/** Presses at a part of the page of a case until its record is said; the number of presses. */
async function pressed(who, id, ready, fill, button, name) {
  const page = who.counted
  await page.goto(`${base}/cases/${encodeURIComponent(id)}`)
  await page.waitForSelector(ready, { timeout: 60_000 }).catch(async () => check(false, `${name}: ${(await page.textContent('main')).slice(0, 200)}`))
  await page.waitForTimeout(300)
  await who.counter.reset()
  await fill(page)
  await page.locator(button).click()
  try {
    await page.waitForSelector('.toast', { timeout: 60_000 })
  } catch {
    check(false, `${name}: ${(await page.locator('main [role="alert"], main .err').allTextContents()).join(' | ').slice(0, 300)}`)
  }
  await page.waitForTimeout(300)
  return who.counter.count()
}
const in_transfer = 'section[aria-labelledby="c-transfer"]'
/** From the suspicion to the police: group named, report, approval, package; the referral and its presses. */
async function refer(people, id, shot) {
  const spent = {}
  const { officer: mine, head } = people
  spent.group = await pressed(head, id, '#ct-crime', async (page) => {
    await page.locator('#ct-crime').fill('销售伪劣产品罪')
    check((await page.locator('#ct-facts').inputValue()).length > 20, 'what the case knows is filled in')
    await picture(page, `${shot}-suspected`)
  }, `${in_transfer} .end .btn-primary`, 'name the group')
  const beside = (await ask(mine.page, 'GET', `/api/cases/${encodeURIComponent(id)}`)).body.beside
  const referral = beside.find((one) => one.procedure.id === 'referral')?.id
  check(!!referral, 'the referral is linked to its case')
  spent.write = await pressed(mine, id, `${in_transfer} #t-f-report`, async (page) => {
    check((await page.locator('#t-f-report').inputValue()).length > 20, 'the report begins with what the case knows')
    await picture(page, `${shot}-report`)
  }, `${in_transfer} .end .btn-primary`, 'write the report')
  spent.approve = await pressed(head, id, `${in_transfer} .end .btn-primary`, (page) => picture(page, `${shot}-approve`), `${in_transfer} .end .btn-primary`, 'approve')
  spent.send = await pressed(mine, id, `${in_transfer} #tp-organ`, async (page) => {
    if (await page.locator('#tp-reason').count()) await page.locator('#tp-reason').fill('样品已送检，报告后补')
    await picture(page, `${shot}-pack`)
  }, `${in_transfer} .end .btn-primary`, 'transfer')
  await picture(mine.counted, `${shot}-sent`)
  return { referral, spent }
}
/** The police sign for a referral and answer it in their inbox: presses of each. */
async function answered(police, referral, number, notice) {
  const page = await police.made.newPage()
  const counter = await countPresses(page)
  listen(page, 'police', /404/)
  await show(page, 'police', `${base}/referrals?id=${encodeURIComponent(referral)}`, '.reply')
  await counter.reset()
  await page.locator('.reply input').first().fill(number)
  await page.locator('.reply .btn-primary').click()
  await page.waitForSelector('.reply .evidence', { timeout: 20_000 }).catch(async () => check(false, await page.textContent('.reply')))
  const receipt = await counter.count()
  await page.locator('.reply input').first().fill(notice)
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.locator('.reply .evidence label.file').click()])
  await chooser.setFiles({ name: '立案通知书.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.4 ' + Date.now()) })
  await page.waitForSelector('.reply .evidence .mono', { timeout: 20_000 })
  await page.locator('.reply .row .btn-primary').click()
  await page.waitForSelector('#r-filed', { timeout: 20_000 })
  return { receipt, all: await counter.count(), page }
}
const counting = async (people) => {
  for (const one of Object.values(people)) {
    one.counted = await one.made.newPage()
    one.counter = await countPresses(one.counted)
  }
}

const officer = await person('officer')
const listed = async (query) => (await ask(officer.page, 'GET', '/api/dossiers?' + query)).body?.items ?? []
const some =
  (await listed('procedure=penalty_case&state=investigating&limit=1'))[0] ??
  (await listed('procedure=penalty_case&limit=1'))[0]

if (takes('screens')) {
  const stand = ', .empty, [role="alert"]'
  const pages = [
    ['case', `/cases/${encodeURIComponent(some.id)}`, '.stages'],
    ['leads', '/leads', '.desk-rows' + stand],
    ['referrals', '/referrals', '.desk-rows' + stand],
    ['publicity', '/publicity', '.desk-rows' + stand],
  ]
  const looks = [
    ['light', 'normal'],
    ['dark', 'normal'],
    ['light', 'large'],
  ]
  for (const language of ['zh', 'en']) {
    const { made, page } = await person('officer', { language })
    listen(page, language)
    for (const [name, path, ready] of pages) {
      await show(page, `${name}-${language}`, base + path, ready)
      await page.waitForTimeout(600)
      for (const [theme, size] of quick ? looks.slice(0, 1) : looks) {
        await look(page, theme, size)
        const seen = `${name}-${language}-${size === 'normal' ? theme : size}`
        await audit(page, seen)
        await fits(page, seen)
        await picture(page, seen)
      }
      await look(page, 'light', 'normal')
      await page.setViewportSize({ width: 320, height: 700 })
      await fits(page, `${name}-${language}-320`)
      await page.setViewportSize({ width: 1440, height: 900 })
    }
    await show(page, 'paper', base + pages[0][1], '#c-docs')
    await page.locator('.docs-more summary').first().click()
    await page.locator('.docs-make button').first().click()
    await page.waitForSelector('dialog[open] .known, dialog[open] .gap', { timeout: 20_000 })
    await page.locator('dialog[open] .end button').nth(2).click()
    await page.waitForSelector('dialog[open] .draft img', { timeout: 30_000 })
    await audit(page, `paper-${language}`)
    await picture(page, `paper-${language}`)
    await made.close()
  }
}

// --- a case from the lead to the service of its decision: presses of the pointer, typing not counted
const stage_most = 3
const path_most = 20
if (takes('flow')) {
  const people = { officer, head: await person('head_of_authority'), legal: await person('legal_reviewer') }
  const clicks = { stage: {}, all: 0 }
  const opened = await ask(officer.page, 'POST', '/api/dossiers', {
    procedure: 'penalty_case',
    title: '检验办案页的案件',
    operator_id: some.operator?.id ?? '',
    category: 'drug',
    form: { case_source: 'inspection', description: '货架有过期药品三盒', violation: 'D03A' },
  })
  check(opened.status === 201, `open a case: ${opened.status} ${opened.body?.detail ?? ''}`)
  const id = opened.body?.dossier
  await counting(people)
  const spent = (stage, pressed) => {
    clicks.stage[stage] = (clicks.stage[stage] ?? 0) + pressed
    clicks.all += pressed
  }
  /** The next step on the page: fill, press; `fill` may press too. */
  const step = async (who, stage, name, fill = async () => undefined) => {
    const page = people[who].counted
    await page.goto(`${base}/cases/${encodeURIComponent(id)}`)
    await page.waitForSelector('.case-form .end .btn-primary', { timeout: 60_000 })
    await page.waitForTimeout(300)
    const title = (await page.textContent('#c-next'))?.trim()
    check(title === name, `${who}: the next step is ${name}, shown is ${title}`)
    await people[who].counter.reset()
    await fill(page)
    await page.locator('.case-form .end .btn-primary').click()
    try {
      await page.waitForSelector('.toast', { timeout: 40_000 })
    } catch {
      const said = await page.locator('.case-form .err, .case-form [role="alert"]').allTextContents()
      check(false, `${name}: ${said.join(' | ').slice(0, 300)}`)
    }
    spent(stage, await people[who].counter.count())
  }
  const field = (page, name) => page.locator(`.case-form #f-${name}`)
  await step('officer', '案源', '登记案源')
  await step('head', '立案', '立案', async (page) => {
    // the head has no certificate of his own: two officers are named, and who registered the lead is one already
    const boxes = page.locator('.case-form fieldset:has(.meta) input[type=checkbox]')
    for (let i = 0; i < (await boxes.count()) && (await boxes.and(page.locator(':checked')).count()) < 2; i += 1)
      if (!(await boxes.nth(i).isChecked())) await boxes.nth(i).click()
  })
  await step('officer', '调查', '开始调查')
  await step('officer', '调查', '告知陈述、申辩和申请回避的权利')
  await step('officer', '调查', '收集证据', async (page) => {
    await field(page, 'evidence_kind').selectOption({ index: 1 })
    check((await field(page, 'evidence_description').inputValue()) !== '', 'what is still missing is proposed as what the evidence shows')
    // several files in one drop
    const drop = await page.evaluateHandle(() => {
      const data = new DataTransfer()
      for (const name of ['货架.jpg', '库存.jpg', '销售.jpg'])
        data.items.add(new File([name + Date.now()], name, { type: 'image/jpeg' }))
      return data
    })
    await page.dispatchEvent('.case-form .evidence', 'drop', { dataTransfer: drop })
    await page.waitForFunction(() => document.querySelectorAll('.case-form .evidence .docs .mono').length === 3, null, { timeout: 40_000 })
  })
  await step('officer', '裁量', '调查终结', async (page) => {
    check((await field(page, 'established_facts').inputValue()).includes('过期药品'), 'the facts of the lead are carried')
    await field(page, 'proposal').selectOption('penalise')
    await page.locator('.case-form label.check', { hasText: /^警告$/ }).locator('input').click()
    await field(page, 'goods_value_fen').fill('60')
  })
  await step('officer', '法制审核', '送审')
  await step('legal', '法制审核', '同意拟处罚意见')
  // what the reviewer filled in waits for the head: shown whole, approved by its digest, done at once
  await picture(people.legal.counted, 'flow-waiting')
  const waiting = (await ask(people.head.page, 'GET', '/api/approvals')).body?.waiting.filter((one) => one.dossier === id)
  check(waiting?.length === 1 && waiting[0].refusal === null, 'it waits for the head')
  check((await ask(people.legal.page, 'GET', '/api/approvals')).body?.waiting.every((one) => one.dossier !== id), 'and not for who filled it in')
  {
    const page = people.head.counted
    await page.goto(`${base}/approvals/${encodeURIComponent(id)}/${waiting?.[0]?.id}`)
    await page.waitForSelector('.approval .btn-primary', { timeout: 60_000 })
    await people.head.counter.reset()
    await page.locator('.approval .btn-primary').click()
    await page.waitForSelector('.toast', { timeout: 40_000 }).catch(async () => check(false, await page.textContent('.approval')))
    spent('法制审核', await people.head.counter.count())
  }
  await step('officer', '告知', '送达处罚告知书')
  await step('officer', '决定', '陈述申辩或者放弃', async (page) => {
    await field(page, 'statement').fill('放弃陈述申辩')
    await field(page, 'statement_checked').fill('无新的事实和证据')
  })
  await step('head', '决定', '作出处罚决定', (page) => field(page, 'decision_number').fill('衡市监罚〔2025〕检1号'))
  await step('head', '决定', '决定责任人员的处理', async (page) => {
    await field(page, 'person_liability').selectOption('not_penalise')
    await field(page, 'reason').fill('情节轻微')
  })
  // A warning decided before stands (Regulations on referral, Art. 11); what is suspected after it is referred at once.
  const lead = await person('unit_head')
  const { referral, spent: sent } = await refer(people, id, 'flow')
  spent('专案组', sent.group)
  spent('移送', sent.write + sent.approve + sent.send)
  {
    const { body } = await ask(officer.page, 'GET', `/api/dossiers/${referral}`)
    const send = body.timeline.find((fact) => fact.step?.id === 'send')
    const digest = send?.form.find((one) => one.id === 'package')?.value?.[0] ?? ''
    const text = await officer.page.evaluate(async ([file, dossier]) => (await fetch(`/api/evidence/${file}?dossier=${dossier}`)).text(), [digest, referral])
    // a file of one block is known by the SM3 over the SM3 of that block
    check(createHash('sm3').update(createHash('sm3').update(text).digest()).digest('hex') === digest, 'the list is known by its SM3')
    const items = text.split('\n').filter((line) => line.startsWith('item ')).map((line) => line.split(' ')[2])
    check(items.length >= 4 && items.every((one) => send.evidence.includes(one)), `every item of the list is sent: ${items.length}`)
    check(send.evidence.length >= items.length + 3, 'and the three photographs of the case with them')
  }
  await openTo(lead, people.head, referral, 'hengyang_police', '接收移送的涉嫌犯罪案件', 'REFER 5')
  const police = await person('police_contact')
  const reply = await answered(police, referral, '衡公接〔2025〕21号', '衡公立字〔2025〕21号')
  spent('回执', reply.receipt)
  await officer.counted.goto(`${base}/cases/${encodeURIComponent(id)}`)
  await officer.counted.waitForSelector(`${in_transfer} .plain .st-done`)
  const told = await officer.counted.textContent(in_transfer)
  for (const one of ['衡公接〔2025〕21号', '衡公立字〔2025〕21号']) check(told.includes(one), `${one} stands in the case`)
  for (const [theme, size] of [['light', 'normal'], ['dark', 'normal'], ['light', 'large']]) {
    await look(officer.counted, theme, size)
    await audit(officer.counted, `flow-referred-${theme}-${size}`)
    await fits(officer.counted, `flow-referred-${theme}-${size}`)
    await picture(officer.counted, `flow-referred-${theme}-${size}`)
  }
  await look(officer.counted, 'light', 'normal')
  const whole = clicks.all
  console.log('presses of the police, receipt and answer with its paper', reply.all, 'at most 3')
  check(reply.all <= 3, `the police sign and answer in ${reply.all} presses`)
  await step('officer', '送达', '送达决定书')
  await picture(officer.counted, 'flow-served')
  console.log('presses by stage', JSON.stringify(clicks.stage), `at most ${stage_most} each; from lead to receipt ${whole} of ${path_most}, with service ${clicks.all}`)
  for (const [stage, n] of Object.entries(clicks.stage)) check(n <= stage_most, `stage ${stage}: ${n} presses`)
  check(whole <= path_most, `the whole path: ${whole} presses`)
  for (const one of [lead, police]) await one.close()
  await people.head.close()
  await people.legal.close()
}

// --- where a criterion is met the referral comes first: no fine before it, none beside it
if (takes('transfer')) {
  const people = { officer, head: await person('head_of_authority'), legal: await person('legal_reviewer') }
  const { id } = await noticed(people, '销售不符合强制性标准的医疗器械，货值十五万元', {
    category: 'device',
    violation: 'M04',
    finish: { proposed_penalties: ['fine'], trade_channel: 'retail', goods_value_fen: 15_000_000 },
  })
  await act(officer, id, 'serve_notice', { service_mode: 'direct' })
  await act(officer, id, 'reply_or_waive', { statement: '放弃', statement_checked: '已核对' })
  await counting(people)
  const path = '/api/dossiers/' + encodeURIComponent(id)
  const fine = async () => {
    const { tag } = await ask(people.head.page, 'GET', path)
    const form = { decision_number: '衡市监罚〔2025〕检31号', penalties: ['fine'], basis: 'DEVR 86', fine_fen: 75_000_000 }
    return (await ask(people.head.page, 'POST', `${path}/steps/decide_penalty`, { form }, tag)).body?.code
  }
  check((await fine()) === 'linked_missing', 'no fine before the referral')
  await people.head.counted.goto(`${base}/cases/${encodeURIComponent(id)}`)
  await people.head.counted.waitForSelector(`${in_transfer} .notice-amber`, { timeout: 60_000 }).catch(() => check(false, 'the criterion stands on the page'))
  await audit(people.head.counted, 'transfer-criterion')
  const { spent } = await refer(people, id, 'transfer')
  check((await fine()) === 'linked_open', 'and none while the police have it')
  const suspended = await pressed(officer, id, '.case-form .end .btn-primary', async (page) => {
    check((await page.textContent('#c-next')).trim() === '移送公安机关', 'what comes next in the case is its own transfer')
  }, '.case-form .end .btn-primary', 'the case goes to the police')
  const { body } = await ask(officer.page, 'GET', path)
  check(body.state.id === 'transferred_crime' && body.clocks.some((one) => one.limit === 'CASE.DECIDE' && one.suspended), 'its term is suspended')
  console.log('presses where the referral comes before the fine', JSON.stringify({ ...spent, suspended }))
  for (const one of [people.head, people.legal]) await one.close()
}

// --- a hearing: asked for, its notice seven working days before, not held before its day; on its day (the same data, served with a later
// clock: part heard) held by who did not investigate, reported, reviewed
const part_of = 'section[aria-labelledby="c-hearing"]'
const hearing_room = '三楼听证室'
const hearing_steps = (id, add) => async (who, stage, name, fill) =>
  add(stage, await pressed(who, id, `${part_of} .row .btn`, async (at) => {
    await at.locator(`${part_of} .row .btn`, { hasText: name }).click()
    await at.waitForSelector('dialog[open] .btn-primary')
    await fill(at.locator('dialog[open]'))
    await audit(at, `hearing-${stage}-${name}`)
  }, 'dialog[open] .btn-primary', name))
function tally() {
  const clicks = {}
  return { clicks, add: (stage, n) => (clicks[stage] = (clicks[stage] ?? 0) + n) }
}
function within_stage({ clicks }) {
  console.log('presses of a hearing', JSON.stringify(clicks))
  for (const [stage, n] of Object.entries(clicks)) check(n <= stage_most, `hearing, ${stage}: ${n} presses`)
}
if (takes('hearing')) {
  const chair = await person('hearing_chair')
  const people = { officer, head: await person('head_of_authority'), legal: await person('legal_reviewer') }
  const today = (await ask(officer.page, 'GET', '/api/meta')).body.today
  const { id } = await noticed(people, '检验听证的案件', { finish: { proposed_penalties: ['warning'], goods_value_fen: 6000 } })
  await act(officer, id, 'serve_notice', { service_mode: 'direct' })
  await counting({ officer, chair, legal: people.legal })
  const counts = tally()
  const { add } = counts
  const page = officer.counted
  await page.goto(`${base}/cases/${encodeURIComponent(id)}`)
  await page.waitForSelector(part_of)
  await audit(page, 'hearing-right')
  add('要求', await pressed(officer, id, 'section[aria-labelledby="c-steps"]', async (at) => {
    await at.locator('section[aria-labelledby="c-steps"] button', { hasText: '申请听证' }).first().click()
    await at.locator('.case-form #f-hearing_ground').selectOption({ index: 1 })
  }, '.case-form .end .btn-primary', 'ask for a hearing'))
  // its file: opened on the page; then each step in its dialog
  add('申请', await pressed(officer, id, `${part_of} > .btn`, async () => undefined, `${part_of} > .btn`, 'open the hearing'))
  const hearing = (await ask(officer.page, 'GET', `/api/cases/${encodeURIComponent(id)}`)).body.beside.find((one) => one.procedure.id === 'hearing')?.id
  check(!!hearing, 'the hearing is linked to its case')
  const taking = hearing_steps(id, add)
  await taking(officer, '申请', '当事人申请', (form) => form.locator('#f-scope').selectOption({ index: 1 }))
  await taking(officer, '移交', '移交案卷', async (form) => {
    const boxes = form.locator('fieldset:has(.meta) input[type=checkbox]')
    check((await boxes.and(form.page().locator(':checked')).count()) >= 1, 'the second officer of the case hands the file over with the first')
  })
  const set = async (form, day) => {
    await form.locator('#f-hearing_on').fill(day)
    await form.locator('#f-place').fill(hearing_room)
  }
  const later = (days) => new Date(Date.parse(today) + days * 86_400_000).toISOString().slice(0, 10)
  {
    const path = '/api/dossiers/' + encodeURIComponent(hearing)
    const early = await ask(chair.page, 'POST', `${path}/steps/notify`, { form: { hearing_on: later(3), place: hearing_room } }, (await ask(chair.page, 'GET', path)).tag)
    check(early.status !== 201 && early.body?.law, `three days are no notice of a hearing: ${early.status} ${early.body?.detail ?? ''}`)
  }
  await taking(chair, '通知', '通知时间、地点', (form) => set(form, later(15)))
  await picture(chair.counted, 'hearing-notified')
  const told = await chair.counted.textContent(part_of)
  check(told.includes(later(15)) && told.includes(hearing_room), 'day and place stand in the case')
  {
    const path = '/api/dossiers/' + encodeURIComponent(hearing)
    const early = await ask(chair.page, 'POST', `${path}/steps/hold`, { form: { in_public: true, heard: '早了' } }, (await ask(chair.page, 'GET', path)).tag)
    check(early.body?.code === 'too_early' && early.body.detail === '须已到“听证日期”' && early.body.next?.includes(later(15)), `not held before its day: ${early.status} ${JSON.stringify(early.body)}`)
    check((await chair.counted.locator(`${part_of} .row .btn`, { hasText: '举行听证' }).count()) === 0, 'and not offered before it')
  }
  within_stage(counts)
  for (const one of [chair, people.head, people.legal]) await one.close()
}
if (part === 'heard') {
  const chair = await person('hearing_chair')
  const legal = await person('legal_reviewer')
  const rows = (await ask(chair.page, 'GET', '/api/dossiers?procedure=hearing&open=true')).body.items.filter((one) => one.state.id === 'scheduled')
  check(rows.length === 1, `one hearing was notified before: ${rows.length}`)
  const id = (await ask(chair.page, 'GET', '/api/dossiers/' + encodeURIComponent(rows[0].id))).body.links.find((one) => one.procedure.id === 'penalty_case').dossier
  await counting({ officer, chair, legal })
  const counts = tally()
  const { add } = counts
  const taking = hearing_steps(id, add)
  const page = officer.counted
  await taking(chair, '举行', '举行听证', async (form) => {
    await form.locator('input[type=radio][value=true]').click()
    await form.locator('#f-heard').fill('当事人陈述货架未及时清理，办案人员出示照片')
  })
  await taking(chair, '报告', '提交听证报告', (form) => form.locator('#f-opinion').fill('事实清楚，建议维持拟处罚意见'))
  await page.goto(`${base}/cases/${encodeURIComponent(id)}`)
  await page.waitForSelector(part_of)
  const after = await page.textContent(part_of)
  for (const one of ['货架未及时清理', '建议维持']) check(after.includes(one), `${one} stands in the case`)
  for (const theme of ['light', 'dark']) {
    await look(page, theme, 'normal')
    await audit(page, `hearing-reported-${theme}`)
    await fits(page, `hearing-reported-${theme}`)
    await picture(page, `hearing-reported-${theme}`)
  }
  await look(page, 'light', 'normal')
  add('法制审核', await pressed(officer, id, '.case-form .end .btn-primary', async (at) => {
    check((await at.textContent('#c-next')).trim() === '听证结束送法制审核', `after the report: ${await at.textContent('#c-next')}`)
  }, '.case-form .end .btn-primary', 'to review'))
  add('法制审核', await pressed(legal, id, '.case-form .end .btn-primary', async (at) => {
    check((await at.textContent('#c-next')).trim() === '听证后法制审核通过', `for the reviewer: ${await at.textContent('#c-next')}`)
  }, '.case-form .end .btn-primary', 'reviewed'))
  const { body } = await ask(officer.page, 'GET', '/api/dossiers/' + encodeURIComponent(id))
  check(body.state.id === 'deciding', `after the hearing the case is decided: ${body.state.id}`)
  within_stage(counts)
  for (const one of [chair, legal]) await one.close()
}

// --- two persons on one content: what one filled in is seen whole by the other, returned, laid before him again, approved
if (takes('eyes')) {
  const head = await person('head_of_authority')
  const opened = await ask(officer.page, 'POST', '/api/dossiers', {
    procedure: 'penalty_case',
    title: '检验两人审批的案件',
    operator_id: some.operator?.id ?? '',
    category: 'drug',
    form: { case_source: 'inspection', description: '货架有过期药品', violation: 'D03A' },
  })
  const id = opened.body?.dossier
  const path = '/api/dossiers/' + encodeURIComponent(id)
  await act(officer, id, 'register', {})
  const propose = async (form) => {
    const { tag } = await ask(officer.page, 'GET', path)
    return ask(officer.page, 'POST', `${path}/proposals/extend_lead_verification`, { form }, tag)
  }
  const decide = async (who, body) => {
    const { tag } = await ask(who.page, 'GET', path)
    return ask(who.page, 'POST', `${path}/approvals/extend_lead_verification`, body, tag)
  }
  const blank = await propose({})
  check(blank.status === 422 && blank.body.code === 'field_missing', `an empty form is not laid before anybody: ${blank.status}`)
  const first = await propose({ reason: '须补充核查进货渠道' })
  check(first.status === 202, `proposed: ${first.status} ${first.body?.detail ?? ''}`)
  const twice = await propose({ reason: '另一个理由' })
  check(twice.body?.code === 'duplicate_key' && /尚未审批/.test(twice.body.detail), `one at a time: ${twice.body?.detail}`)
  const held = { proposal: first.body.proposal, digest: first.body.digest }
  const own = await decide(officer, held)
  check([403, 409].includes(own.status), `who filled it in does not approve it: ${own.status}`)
  const other = await decide(head, { ...held, digest: 'ab'.repeat(32) })
  check(other.body?.code === 'content_changed' && /不一致/.test(other.body.detail), `another content is refused: ${other.body?.detail}`)
  const silent = await decide(head, { ...held, decision: 'refused' })
  check(silent.body?.code === 'field_missing', `a return says why: ${silent.status}`)
  for (const language of ['zh', 'en']) {
    const { made, page } = await person('head_of_authority', { language })
    listen(page, 'eyes-' + language)
    await show(page, 'eyes-today', base + '/', '#g-approve')
    check((await page.locator('#g-approve').count()) === 1, 'it is in what needs the head today')
    await audit(page, `eyes-today-${language}`)
    await picture(page, `eyes-today-${language}`)
    await show(page, 'eyes', `${base}/approvals/${encodeURIComponent(id)}/${first.body.proposal}`, '.approval .btn-primary')
    const said = await page.textContent('.approval')
    for (const part of ['须补充核查进货渠道', language === 'zh' ? '延长理由' : 'Reason', language === 'zh' ? '第18条' : 'Art. 18'])
      check(said.includes(part), `${part} stands on the sheet`)
    await page.locator('.approval .filled .btn-link').first().click()
    await page.waitForSelector('.approval .draft img', { timeout: 60_000 })
    for (const theme of ['light', 'dark']) {
      await look(page, theme, 'normal')
      await audit(page, `eyes-${language}-${theme}`)
      await fits(page, `eyes-${language}-${theme}`)
      await picture(page, `eyes-${language}-${theme}`)
    }
    await made.close()
  }
  {
    const { made, page } = await person('officer')
    await show(page, 'own', `${base}/approvals/${encodeURIComponent(id)}/${first.body.proposal}`, '.approval')
    check((await page.locator('.approval .btn-primary').count()) === 0, 'who filled it in is offered no approval')
    check((await page.textContent('.approval')).includes('不能审批自己的填报'), 'and is told why')
    await made.close()
  }
  const back = await decide(head, { ...held, decision: 'refused', reason: '理由不具体' })
  check(back.status === 201, `returned: ${back.status} ${back.body?.detail ?? ''}`)
  const returned = (await ask(officer.page, 'GET', '/api/approvals')).body.returned.filter((one) => one.dossier === id)
  check(returned.length === 1 && returned[0].reason === '理由不具体', 'it is back with who filled it in, with the reason')
  const second = await propose({ reason: '须补充核查进货渠道，向供货单位所在地发函' })
  check((await ask(officer.page, 'GET', '/api/approvals')).body.returned.every((one) => one.dossier !== id), 'answered, it is no more to do')
  const old = await decide(head, held)
  check(old.body?.code === 'wrong_state', `what was returned is not approved after all: ${old.status} ${old.body?.code}`)
  const { tag } = await ask(head.page, 'GET', path)
  await act(officer, id, 'start_lead_test', { test_items: '含量测定' })
  const moved = await ask(head.page, 'POST', `${path}/approvals/extend_lead_verification`, { proposal: second.body.proposal, digest: second.body.digest }, tag)
  check(moved.status === 412 || moved.body?.code === 'version_conflict', `the matter moved meanwhile: ${moved.status}`)
  await act(officer, id, 'end_lead_test', { test_conclusion: '不合格' })
  const agreed = await decide(head, { proposal: second.body.proposal, digest: second.body.digest })
  check(agreed.status === 201, `approved: ${agreed.status} ${agreed.body?.detail ?? ''}`)
  const facts = (await ask(officer.page, 'GET', path)).body.timeline.slice(-2)
  check(facts[0].kind === 'approval_given' && facts[1].kind === 'step_taken', 'approval and step stand one after the other')
  check(facts[0].actor.id !== facts[1].actor.id, 'by two persons')
  await head.close()
}

// --- a referral that a partner signs for and answers: three presses
if (takes('partner')) {
  const lead = await person('unit_head')
  const head = await person('head_of_authority')
  const opened = await ask(officer.page, 'POST', '/api/dossiers', {
    procedure: 'referral',
    title: '检验移送页的移送',
    form: { suspected_crime: '生产、销售伪劣产品罪', facts: '货值较大，涉嫌犯罪' },
  })
  check(opened.status === 201, `open a referral: ${opened.status} ${opened.body?.detail ?? ''}`)
  const id = opened.body?.dossier
  const others = (await ask(officer.page, 'GET', '/api/people?limit=200')).body.items
  const me = (await ask(officer.page, 'GET', '/api/meta')).body.person.id
  const mate = others.find((one) => one.qualified && one.id !== me && one.organisation?.id === opened.body?.organisation) ?? others.find((one) => one.qualified && one.id !== me)
  await act(lead, id, 'name_group', {}, false, { officers: [me, mate.id] })
  await act(officer, id, 'write', { report: '核实涉嫌犯罪，建议移送' }, false, { officers: [mate.id] })
  await act(head, id, 'approve', {})
  const words = (await ask(officer.page, 'GET', `/api/dossiers/${id}/offers`)).body.steps.find((one) => one.step === 'send')
  const attachments = words.form.find((one) => one.id === 'attachments').words.map((one) => one.id)
  await act(officer, id, 'send', { police_organ: '衡阳市公安局', attachments, package: [await put(officer.page)], test_report: 'not_needed', test_reason: '案由不涉及药品质量', copied_to_procuratorate: true })
  await openTo(lead, head, id, 'hengyang_police', '接收移送的涉嫌犯罪案件', 'REFER 5')
  const police = await person('police_contact')
  const page = await police.made.newPage()
  const counter = await countPresses(page)
  listen(page, 'partner', /404/) // it asks for what does not exist for it
  await show(page, 'partner', `${base}/referrals?id=${encodeURIComponent(id)}`, '.reply')
  await counter.reset()
  await page.locator('.reply input').first().fill('衡公接〔2025〕1号')
  await picture(page, 'partner-waiting')
  await audit(page, 'partner')
  await page.locator('.reply .btn-primary').click()
  await page.waitForSelector('.reply .evidence', { timeout: 20_000 }).catch(async () => check(false, await page.textContent('.reply')))
  await page.locator('.reply input').first().fill('衡公立字〔2025〕9号')
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.locator('.reply .evidence label.file').click()])
  await chooser.setFiles({ name: '立案通知书.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.4 ' + Date.now()) })
  await page.waitForSelector('.reply .evidence .mono', { timeout: 20_000 })
  await picture(page, 'partner-answer')
  await page.locator('.reply .row .btn-primary').click()
  await page.waitForSelector('#r-filed', { timeout: 20_000 })
  const pressed = await counter.count()
  console.log('presses of the partner', pressed)
  check(pressed <= 3, `a partner signs and answers in ${pressed} presses`)
  await picture(page, 'partner-filed')
  const other = some.id
  const seen = await ask(page, 'GET', `/api/dossiers/${encodeURIComponent(other)}`)
  check(seen.status === 404, `another case does not exist for the partner: ${seen.status}`)
  for (const one of [lead, head, police]) await one.close()
}

// --- a lead that the medical insurance signs for item by item and answers, in the same inbox: three presses, its own alone
if (takes('lead')) {
  const head_of_unit = await person('unit_head')
  const head = await person('head_of_authority')
  const opened = await ask(officer.page, 'POST', '/api/dossiers', {
    procedure: 'lead',
    title: '检验线索页的线索',
    form: { origin: 'inspection', facts: '医保结算后药品再次销售' },
  })
  check(opened.status === 201, `open a lead: ${opened.status} ${opened.body?.detail ?? ''}`)
  const id = opened.body?.dossier
  const me = (await ask(officer.page, 'GET', '/api/meta')).body.person.id
  const others = (await ask(officer.page, 'GET', '/api/people?limit=200')).body.items
  const mate = others.find((one) => one.qualified && one.id !== me && one.organisation?.id === opened.body?.organisation) ?? others.find((one) => one.qualified && one.id !== me)
  const photo = await put(officer.page)
  await act(officer, id, 'verify', {}, false, { officers: [mate.id], evidence: [photo] })
  const sent = await put(head_of_unit.page)
  await act(head_of_unit, id, 'transfer', {
    agency: 'medical_insurance',
    transfer_reason: '属医疗保障部门职责',
    materials: ['facts', 'trace_codes'],
    package_form: 'sealed',
    package: [sent],
  })
  await openTo(head_of_unit, head, id, 'hengyang_insurance', '核查医保结算后再次销售的线索', 'DAL 99')
  const insurance = await person('insurance_contact')
  const page = await insurance.made.newPage()
  const counter = await countPresses(page)
  listen(page, 'agency', /404/)
  await show(page, 'agency', `${base}/referrals?id=${encodeURIComponent(id)}`, '.reply')
  await counter.reset()
  await page.locator('.reply input').first().fill('衡医保收〔2025〕12号')
  await picture(page, 'agency-waiting')
  await audit(page, 'agency')
  await page.locator('.reply .btn-primary').click()
  await page.waitForSelector('.reply select', { timeout: 20_000 }).catch(async () => check(false, await page.textContent('.reply')))
  await page.locator('.reply select').selectOption('returned_for_penalty')
  await page.locator('.reply textarea').fill('追回基金，药品问题退回处理')
  await picture(page, 'agency-answer')
  await audit(page, 'agency-answer')
  await page.locator('.reply .btn-primary').click()
  await page.waitForSelector('#rl-back', { timeout: 20_000 })
  const pressed = await counter.count()
  console.log('presses of the agency', pressed)
  check(pressed <= 3, `an agency signs for a lead and answers it in ${pressed} presses`)
  await picture(page, 'agency-answered')
  // Of the files it fetches the package it was sent, and not the photograph of the visit before.
  const fetched = (digest) => page.evaluate(async ([file, dossier]) => (await fetch(`/api/evidence/${file}?dossier=${dossier}`)).status, [digest, id])
  check((await fetched(sent)) === 200, 'the package it was sent is open to it')
  check((await fetched(photo)) === 404, 'a file that was not sent is not')
  for (const one of [head_of_unit, head, insurance]) await one.close()
}

// --- a paper checked by its printed code, without signing in
if (takes('public')) {
  const cases = await listed('procedure=penalty_case&limit=50')
  let paper = null
  for (const one of cases) {
    const { body } = await ask(officer.page, 'GET', `/api/dossiers/${encodeURIComponent(one.id)}/documents`)
    paper = body?.issued.find((it) => it.number && it.state === 'in_force')
    if (paper) break
  }
  if (!paper) {
    const people = { head: await person('head_of_authority'), legal: await person('legal_reviewer') }
    const { id } = await noticed(people, '检验文书的案件', { finish: { proposed_penalties: ['warning'], goods_value_fen: 6000 } })
    const path = `/api/dossiers/${encodeURIComponent(id)}`
    const { body } = await ask(officer.page, 'GET', `${path}/documents`)
    const form = body.forms.find((one) => one.due && one.to_party && !one.refusal)
    const made = await ask(officer.page, 'POST', `${path}/documents`, { document: form?.document.id ?? '' }, (await ask(officer.page, 'GET', path)).tag)
    check(made.status === 201, `issue a paper: ${made.status} ${made.body?.detail ?? ''}`)
    paper = (await ask(officer.page, 'GET', `${path}/documents`)).body.issued.find((it) => it.number && it.state === 'in_force')
    for (const one of Object.values(people)) await one.close()
  }
  check(!!paper, 'a paper was issued')
  const made = await context(browser)
  const page = await made.newPage()
  listen(page, 'public', /404/)
  if (paper) {
    await show(page, 'printed', `${base}/d/${paper.code}?n=${encodeURIComponent(paper.number)}`, '.verdict.ok')
    check((await page.textContent('main')).includes(paper.number), 'the number stands on the page')
    await audit(page, 'printed')
    await fits(page, 'printed')
    await picture(page, 'public-issued')
    const file = `${shots || '/tmp'}/other.pdf`
    writeFileSync(file, '%PDF-1.7 something else')
    await page.setInputFiles('input[accept="application/pdf"]', file)
    await page.waitForSelector('section .verdict.bad')
    await audit(page, 'printed-other')
    await show(page, 'other number', `${base}/d/${paper.code}?n=1`, '.verdict.bad')
  }
  await show(page, 'unknown', `${base}/d/00000000000000000000`, '.verdict.bad')
  await audit(page, 'unknown')
  await picture(page, 'public-unknown')
  await made.close()
}

await officer.close()
await browser.close()
process.exit(done())
