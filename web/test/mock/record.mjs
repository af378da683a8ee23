// Writes recorded.json: what a demo server answers to the pages of planning, risk, credit, cases and the doors beside them, shortened.
// The stand-in gives these answers; the contract test holds them against openapi.json.
//   node test/mock/record.mjs BASE_URL [EMPTY_URL ACCOUNT PASSWORD]
// The first server is a fresh copy of the sample data; the second, of a bureau that was set up and has done nothing (test/setup.mjs), gives
// the empty answers.

import { writeFileSync } from 'node:fs'

const [base, fresh, account, password] = process.argv.slice(2)
if (!base?.startsWith('http')) {
  console.error('usage: node test/mock/record.mjs BASE_URL [EMPTY_URL ACCOUNT PASSWORD]')
  process.exit(2)
}
const rows = 8 // of a list; of what a chart is drawn from, five times as many

async function signed(server, door, who) {
  const send = (path, method, body, cookie = '', version = 0) =>
    fetch(server + path, {
      method,
      headers: {
        'Content-Type': 'application/json',
        Origin: server,
        Cookie: cookie,
        ...(method === 'POST' ? { 'Idempotency-Key': crypto.randomUUID() } : {}),
        ...(version ? { 'If-Match': `"${version}"` } : {}),
      },
      body: body ? JSON.stringify(body) : undefined,
    })
  const session = await send(door, 'POST', who)
  if (!session.ok) throw new Error(`sign in: ${session.status} ${await session.text()}`)
  const cookie = session.headers.getSetCookie().map((one) => one.split(';')[0]).join('; ')
  return async (path, body = null, version = 0) => {
    const answer = await send(path, body ? 'POST' : 'GET', body, cookie, version)
    const said = await answer.json()
    if (!answer.ok) throw Object.assign(new Error(`${path}: ${answer.status} ${said.detail}`), { said })
    return said
  }
}
const as = (role) => signed(base, '/api/session/demo', { role })

/** A shorter answer: no list longer than `rows`, and none that goes on. */
function short(value, name = '') {
  if (Array.isArray(value)) return value.slice(0, name === 'items' ? rows : rows * 5).map((one) => short(one))
  if (!value || typeof value !== 'object') return value
  const result = Object.fromEntries(Object.entries(value).map(([key, one]) => [key, short(one, key)]))
  if ('next' in result && 'items' in result) result.next = null
  return result
}

const asked = {}
const kept = { full: {}, empty: {}, refused: {} } // refused: by a bureau that has done nothing yet
const keep = (into) => async (who, path, body = null) => {
  const answer = await who(path, body)
  asked[(body ? 'POST ' : 'GET ') + path.replace(/\?.*/, '')] = path
  into[(body ? 'POST ' : 'GET ') + path.replace(/\?.*/, '')] = short(answer)
  return answer
}
const full = keep(kept.full)
const first = (answer, best = () => true) => encodeURIComponent((answer.items.find(best) ?? answer.items[0]).id)

const desk = await as('unit_head')
const drawn = first(await desk('/api/draws'), (row) => row.digest)
const plan = {
  title: '零售企业双随机抽查',
  places: 30,
  random_share: '0.2',
  half_powers: 2,
  staleness: 25,
  open_leads: false,
  certain_kinds: [],
  reveal_by: (await desk('/api/meta')).today,
}
await full(desk, '/api/draws/plan', plan)
const waiting = (await desk('/api/draws')).items.find((row) => row.state.id === 'opened')
const opened = waiting ? { dossier: waiting.id } : await desk('/api/draws', plan)
await full(desk, '/api/draws')
await full(desk, '/api/draws/' + drawn)
await full(desk, `/api/draws/${drawn}/teams`)
await full(desk, '/api/draws/' + encodeURIComponent(opened.dossier))
await full(desk, '/api/inspectors')
await full(desk, '/api/estimates')
await full(desk, '/api/estimates/policies', {})
const met = first(await desk('/api/conferences'), (row) => row.decisions_count > 0)
const called = await desk('/api/conferences', {
  procedure: 'risk_conference',
  title: '2026 年上半年药品安全风险会商',
  happened_on: plan.reveal_by,
  form: { period: '2026-H1', meets_on: plan.reveal_by, scope: ['drug'], agenda: '一、上期风险处置\n二、本期新增风险' },
})
await full(desk, '/api/conferences')
await full(desk, '/api/conferences/' + met)
await full(desk, '/api/conferences/' + encodeURIComponent(called.dossier))
await full(desk, '/api/law/procedures/risk_conference')
await full(desk, '/api/law/procedures/inspection_round')

const credit = await full(desk, '/api/credit')
await full(desk, '/api/credit/' + encodeURIComponent(credit.items[0].operator.id))
await full(desk, '/api/law/credit')
const risk = await full(desk, '/api/risk')
await full(desk, '/api/risk/' + encodeURIComponent(risk.items[0].operator.id))
await full(desk, '/api/risk/evaluation')
await full(desk, '/api/risk/groups')
await full(desk, '/api/focus')
await full(desk, '/api/focus/changes?from=2023-05-01')
await full(desk, '/api/focus/rates')
await full(desk, '/api/register/' + first(await full(desk, '/api/register?show=all')))

const officer = await as('officer')
const cases = await officer('/api/dossiers?procedure=penalty_case&limit=50')
const worked = first(cases, (row) => row.state.id === 'investigating')
await full(officer, '/api/cases/' + worked)
await full(officer, '/api/dossiers/' + worked)
await full(officer, `/api/dossiers/${worked}/offers`)
await full(officer, `/api/dossiers/${worked}/proposals`)
await full(officer, '/api/approvals')
const papers = await full(officer, `/api/dossiers/${worked}/documents`)
await full(officer, `/api/dossiers/${worked}/documents/${papers.forms[0].document.id}`)
const rules = await full(officer, '/api/law/penalties')
await full(officer, `/api/law/penalties/${rules.items[0].id}?goods_value=12000`)
await full(officer, '/api/benchmark?rule=' + rules.items[0].id)
// a filled step that waits for its approver, as the approver sees it
const lead = await officer('/api/dossiers', {
  procedure: 'penalty_case',
  title: '货架陈列过期药品',
  operator_id: cases.items.find((row) => row.operator).operator.id,
  category: 'drug',
  form: { case_source: 'inspection', description: '货架有过期药品', violation: 'D03A' },
})
const of = '/api/dossiers/' + encodeURIComponent(lead.dossier)
const stand = async () => (await officer(of)).version
await officer(of + '/steps/register', { happened_on: plan.reveal_by, form: {} }, await stand())
await officer(of + '/proposals/extend_lead_verification', { form: { reason: '须补充核查进货渠道' } }, await stand())
const head = await as('head_of_authority')
await full(head, of)
await full(head, of + '/proposals')
for (const name of ['leads', 'referrals', 'publicity']) await full(officer, '/api/desks/' + name)

const firm = await as('operator_user')
await full(firm, '/api/portal/credit')
await full(firm, '/api/portal/draws')

if (fresh) {
  const empty = keep(kept.empty)
  const nobody = await signed(fresh, '/api/session', { name: account, password })
  for (const path of Object.keys(kept.full))
    if (path.startsWith('GET ') && path.split('/').length < 5 && !path.includes('portal'))
      await empty(nobody, asked[path]).catch(({ said }) => {
        if (said?.status === 422) kept.refused[path] = said
      })
}
const lines = (all) => Object.entries(all).map(([name, answer]) => `  ${JSON.stringify(name)}: ${JSON.stringify(answer)}`)
writeFileSync(
  new URL('recorded.json', import.meta.url),
  `{${Object.entries(kept).map(([name, all]) => `"${name}": {\n${lines(all).join(',\n')}\n}`).join(',\n')}}\n`,
)
for (const [name, answer] of Object.entries(kept.full))
  console.log(`${String(JSON.stringify(answer).length).padStart(8)} ${name in kept.empty ? 'empty too' : '         '} ${name}`)
