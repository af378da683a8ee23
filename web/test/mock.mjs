// A stand-in for the server: the built files under the product's content security policy, and the API over
// invented data.
//   node test/mock.mjs [--port 8090] [--empty]

import { createServer } from 'node:http'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { extname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import { desk, memory, signedIn } from './mock/desk.mjs'
import * as dossiers from './mock/dossiers.mjs'
import { doorUploads } from './mock/doors.mjs'
import * as names from './mock/names.mjs'
import { packJobs, packs } from './mock/packs.mjs'
import { planned } from './mock/recorded.mjs'
import * as report from './mock/report.mjs'
import { vigilance } from './mock/vigilance.mjs'

const data = { ...names, ...dossiers, ...report }
const dist = fileURLToPath(new URL('../dist', import.meta.url))
const types = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
}
export const policy =
  "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"

const meta = (person) => ({
  product: { zh: '清源', en: 'Qingyuan' },
  version: '0.1.0',
  sample_data: true,
  now: data.now,
  today: data.today,
  law_digest: data.digest('law'),
  journal_size: 48392,
  journal_root: data.digest('root'),
  default_organisation: 'hengyang',
  default_report: 'mid_year',
  default_period: '2025-H1',
  languages: ['zh', 'en'],
  person,
  periods: ['2025-H1', '2024-H2', '2024-H1'],
  campaigns: [data.campaign],
  procedures: data.procedures,
})
const problem = (status, code, title, more = {}) => ({
  status,
  problem: { type: 'urn:qingyuan:error:' + code, title, status, code, detail: '', where: '', ...more },
})

function list(query, empty) {
  const standing = (row) => row.clock?.standing
  const under = (row, org) => !org || org === 'hengyang' || row.organisation.id === org
  const found = (empty ? [] : data.rows).filter(
    (row) =>
      (!query.get('procedure') || row.procedure.id === query.get('procedure')) &&
      (!query.get('state') || row.state.id === query.get('state')) &&
      under(row, query.get('org')) &&
      (!query.get('campaign') || row.campaign?.id === query.get('campaign')) &&
      (!query.get('category') || row.category?.id === query.get('category')) &&
      (!query.get('operator') || row.operator?.id === query.get('operator')) &&
      (!query.get('open') || String(row.open) === query.get('open')) &&
      (!query.get('due') || standing(row) === query.get('due')) &&
      (!query.get('q') || (row.id + row.title).includes(query.get('q'))),
  )
  const sort = query.get('sort') ?? 'due'
  const key = {
    due: (row) => row.clock?.due.raw ?? '9999',
    updated: (row) => row.updated_on,
    opened: (row) => row.opened_on,
    id: (row) => row.id,
  }[sort.replace('-', '')]
  found.sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0) * (sort.startsWith('-') ? -1 : 1))
  const from = Number(query.get('cursor') ?? 0)
  const size = Number(query.get('limit') ?? 50)
  const count = (what) => found.filter((row) => standing(row) === what).length
  return {
    items: found.slice(from, from + size),
    total: found.length,
    estimated: false,
    late: count('late'),
    near: count('near'),
    suspended: count('suspended'),
    next: from + size < found.length ? String(from + size) : null,
  }
}
function todayCounts(empty) {
  const open = (empty ? [] : data.rows).filter((row) => row.open)
  const count = (rows, what) => rows.filter((row) => row.clock?.standing === what).length
  const days = []
  const start = Date.parse(data.today + 'T00:00:00Z')
  for (let i = 0, working = 0; working <= 10 && i < 20; i += 1) {
    const at = new Date(start + i * 86_400_000)
    const date = at.toISOString().slice(0, 10)
    const isWorking = ![0, 6].includes(at.getUTCDay())
    if (isWorking) working += 1
    days.push({
      date,
      working: isWorking,
      provisional: false,
      due: open.filter((row) => row.clock?.due.raw === date && !row.clock.suspended).length,
    })
  }
  const cases = data.procedures.map((one) => ({
    ...one,
    total: one.id === 'penalty_case' ? open.length : 0,
    open: one.id === 'penalty_case' ? open.length : 0,
    late: 0,
    near: 0,
  }))
  return {
    date: data.today,
    working: false,
    late: count(open, 'late'),
    due_today: 0,
    near: count(open, 'near'),
    suspended: count(open, 'suspended'),
    open: open.length,
    days,
    procedures: empty ? [] : cases,
  }
}
function journal() {
  const head = {
    origin: 'qingyuan.example/hengyang',
    size: 48392,
    root: data.digest('root'),
    chain: data.digest('chain'),
    at: data.now,
  }
  return {
    name: 'facts',
    law_digest: data.digest('law'),
    head: { ...head, text: `${head.origin}\n${head.size}\n${head.root}\n${head.chain}\n${head.at}\n` },
    kinds: [
      { kind: 'dossier_opened', count: 5120 },
      { kind: 'step_taken', count: 39871 },
      { kind: 'tick', count: 551 },
    ],
  }
}
function fact(seq) {
  const { head } = journal()
  if (seq < 1 || seq > head.size) return null
  return {
    seq,
    kind: 'step_taken',
    happened_on: '2025-06-24',
    recorded_at: '2025-06-24T02:20:00Z',
    actor: data.person('p-heming'),
    organisation: data.organisation('hengyang_bureau'),
    dossier: data.rows[2].id,
    voided_by: null,
    payload: {
      procedure: 'penalty_case',
      step: 'review',
      to: 'review',
      role: 'legal_reviewer',
      documents: ['penalty_35'],
    },
    record: data.digest('record' + seq).repeat(3),
    digest: data.digest('fact' + seq),
    checkpoint: head,
    proof:
      `${head.origin}\n${seq} ${head.size}\n` +
      [1, 2, 3, 4].map((n) => data.digest('path' + seq + n)).join('\n') +
      '\n',
  }
}

/** The form as the real server would judge it: required fields all at once. */
function taken(id, step, body, headers, by) {
  const offer = data.offers(id, by)?.steps.find((one) => one.step === step)
  if (!offer) return problem(404, 'step_unknown', '没有此步骤')
  const row = data.rows.find((one) => one.id === id)
  if (headers['if-match'] !== `"${row.version}"`) return problem(409, 'version_conflict', '记录已被他人修改')
  const missing = offer.form.filter(
    (field) => field.required && (body.form?.[field.id] === undefined || body.form[field.id] === ''),
  )
  if (missing.length)
    return problem(422, 'field_missing', '缺少必填项', {
      detail: '',
      errors: missing.map((field) => ({
        where: field.id,
        code: 'field_missing',
        detail: `须填写“${field.zh}”。`,
      })),
    })
  if (offer.refusal)
    return problem(409, offer.refusal.code, offer.refusal.title.zh, {
      detail: offer.refusal.message.zh,
      law: offer.refusal.law[0],
      next: offer.refusal.next.zh,
    })
  if ((body.officers?.length ?? 0) + 1 < offer.officers)
    return problem(409, 'officers_too_few', '执法人员不足', {
      detail: `须有 ${offer.officers} 名以上执法人员。`,
      where: 'officers',
    })
  row.version += 1
  return { status: 201, body: { seq: 48393, dossier: id, version: row.version, state: row.state } }
}

function answer(method, path, query, headers, body, empty, role) {
  const part = path.split('/').slice(2).map(decodeURIComponent)
  const by = headers['x-person'] ?? data.people[0].id
  const one = (value) =>
    value
      ? { status: 200, body: value }
      : problem(404, 'record_unknown', '没有此记录', { detail: part.at(-1), next: '请核对地址。' })
  const actor = data.people.find((person) => person.id === by) ?? data.people[0]
  const org = query.get('own') === 'true' ? 'hengyang_bureau' : (query.get('org') ?? 'hengyang')
  if (method === 'POST' && part[0] === 'dossiers' && part[2] === 'steps')
    return taken(part[1], part[3], body, headers, by)
  if (method === 'POST' && part[0] === 'dossiers' && part[2] === 'approvals')
    return { status: 201, body: { seq: 48393, dossier: part[1] } }
  if (method === 'POST' && part[0] === 'dossiers' && !part[1])
    return body.title
      ? { status: 201, body: { seq: 48393, dossier: data.rows[0].id } }
      : problem(422, 'field_missing', '缺少必填项', {
          errors: [{ where: 'title', code: 'field_missing', detail: '须填写“标题”。' }],
        })
  if (method === 'POST' && part[0] === 'facts')
    return problem(409, 'not_latest', '只能作废最后一步', { detail: '本案之后还有记录。' })
  switch (part[0]) {
    case 'meta':
      return one(
        meta(role ? signedIn(role) : { id: actor.id, name: actor.name, organisation: actor.organisation, roles: actor.roles }),
      )
    case 'today':
      return one(todayCounts(empty))
    case 'organisations':
      return one({ items: data.organisations })
    case 'people':
      return one({ items: data.people, next: null })
    case 'operators':
      return one(data.operator(part[1]))
    case 'reports': {
      if (!part[1])
        return one({
          items: [
            {
              report: 'mid_year',
              title: data.report('hengyang').title,
              organisation: data.organisation('hengyang'),
              period: '2025-H1',
              state: 'frozen',
              as_of: { seq: 48213, date: data.today },
            },
          ],
        })
      if (part[1] !== 'mid_year') return problem(404, 'report_unknown', '没有此报告', { detail: part[1] })
      if (part[2] !== 'figures') return one(data.report(org))
      const period = query.get('period') ?? '2025-H1'
      if (data.valueOf(part[3], org, period) === null)
        return problem(404, 'figure_unknown', '没有此指标', { detail: part[3] })
      return one(
        data.members(
          part[3],
          org,
          period,
          Number(query.get('cursor') ?? 0),
          Number(query.get('limit') ?? 50),
        ),
      )
    }
    case 'dossiers':
      if (!part[1]) return one(list(query, empty))
      if (part[2] === 'offers') return one(data.offers(part[1], by))
      return data.dossier(part[1])
        ? one(data.dossier(part[1]))
        : problem(404, 'dossier_unknown', '没有此案卷', { detail: part[1], next: '请从案卷列表中查找。' })
    case 'journal':
      return one(part[1] ? fact(Number(part[1])) : journal())
    case 'law':
      return one(part[1] === 'procedures' ? data.procedure(part[2]) : data.limit(part[2]))
    default:
      return problem(404, 'route_unknown', '没有此地址')
  }
}

function file(path) {
  const wanted = join(dist, normalize(path))
  if (wanted.startsWith(dist) && existsSync(wanted) && statSync(wanted).isFile()) return wanted
  const entry = /^\/(field|portal|public)(\/|$)/.exec(path)?.[1]
  return join(dist, entry ?? '', 'index.html')
}

export function start(port, { empty = false } = {}) {
  const seen = memory()
  const server = createServer((request, response) => {
    const url = new URL(request.url, 'http://localhost')
    response.setHeader('Content-Security-Policy', policy)
    response.setHeader('X-Content-Type-Options', 'nosniff')
    if (!url.pathname.startsWith('/api/')) {
      const found = file(url.pathname)
      response.writeHead(200, { 'Content-Type': types[extname(found)] ?? 'application/octet-stream' })
      response.end(readFileSync(found))
      return
    }
    const chunks = []
    request
      .on('data', (chunk) => chunks.push(chunk))
      .on('end', () => {
        const bytes = Buffer.concat(chunks)
        const isJson = (request.headers['content-type'] ?? '').includes('json')
        const body = isJson && bytes.length ? JSON.parse(bytes.toString()) : {}
        const part = url.pathname.split('/').slice(2).map(decodeURIComponent)
        const language = (request.headers['accept-language'] ?? '').startsWith('en') ? 'en' : 'zh'
        const given =
          (seen.role && part[0] === 'packs'
            ? packs(seen, { method: request.method, part, query: url.searchParams, body, empty, language })
            : null) ??
          (seen.role && part[0] === 'uploads'
            ? doorUploads(seen, request.method, part, request.headers, bytes, body)
            : null) ??
          (seen.role ? planned({ method: request.method, part, empty, role: seen.role }) : null) ??
          packJobs(seen, part) ??
          (seen.role || part[0] === 'public'
            ? vigilance(seen, { method: request.method, part, query: url.searchParams, body, empty, language })
            : null) ??
          desk(seen, request.method, part, url.searchParams, body, empty) ??
          answer(request.method, url.pathname, url.searchParams, request.headers, body, empty, seen.role)
        if (given.events) {
          response.writeHead(200, { 'Content-Type': 'text/event-stream' })
          const told = given.events.map((one) => `event: job\ndata: ${JSON.stringify(one)}\n\n`)
          if (!given.pace) return void response.end(told.join(''))
          told.forEach((one, n) => setTimeout(() => response.write(one), n * given.pace))
          setTimeout(() => response.end(), told.length * given.pace)
          return
        }
        response.writeHead(given.status, {
          'Content-Type': given.problem ? 'application/problem+json' : 'application/json',
          ...(given.tag ? { ETag: given.tag } : {}),
        })
        response.end(given.status === 204 ? '' : JSON.stringify(given.problem ?? given.body))
      })
  })
  return new Promise((resolve) => server.listen(port, '127.0.0.1', () => resolve(server)))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const at = process.argv.indexOf('--port')
  const port = at > 0 ? Number(process.argv[at + 1]) : 8090
  await start(port, { empty: process.argv.includes('--empty') })
  console.log(`http://127.0.0.1:${port}`)
}
