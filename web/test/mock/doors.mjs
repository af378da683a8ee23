// A stand-in for the server behind the three doors (public, portal, field): invented data, real manners:
// Idempotency-Key, chunked uploads checked by digest, form versions, If-Match. It remembers what was recorded,
// so that a test can count: nothing lost, nothing doubled.
//   doors(state)(request, url, body) → {status, body, headers} | null

import { randomBytes } from 'node:crypto'
import { readFileSync, existsSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import { extname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'

import {
  authority,
  checklist,
  drug,
  field,
  items,
  law,
  licences,
  named,
  notices,
  penalties,
  people,
  person,
  publicForm,
  rectification,
  session,
  sha256,
  staff,
  state,
  stop,
  today,
  training,
  violator,
} from './doors_data.mjs'
import { packJobs, packs, publicPack } from './packs.mjs'
import { recorded } from './recorded.mjs'
import { vigilance } from './vigilance.mjs'

const problem = (status, code, title, more = {}) => ({
  status,
  body: { type: 'urn:qingyuan:error:' + code, title, status, code, detail: '', where: '', ...more },
  headers: { 'Content-Type': 'application/problem+json' },
})
const ok = (body, status = 200, headers = {}) => ({ status, body, headers })

/** What the server remembers. `form` is the checklist version in force; `empty` shows every list empty. */
export function memory({ empty = false, form = '2025-01-01-aaaa1111' } = {}) {
  return {
    empty,
    form,
    signed: null,
    keys: new Map(),
    uploads: new Map(),
    jobs: new Map(),
    evidence: new Set(),
    visits: [],
    clues: [],
    reports: [],
    answered: null,
    acknowledged: new Map([['p-luo', '2025-06-25']]),
    posts: 0,
  }
}

export function doorUploads(seen, method, part, headers, bytes, body) {
  const show = (one) => ({
    id: one.id,
    name: one.name,
    bytes: one.bytes,
    chunk_bytes: one.chunk_bytes,
    chunks: one.chunks,
    received: [...one.parts.keys()],
    expires_at: '2025-07-09T00:00:00Z',
    evidence: one.evidence,
  })
  if (method === 'POST' && !part[1]) {
    const one = {
      id: 'u-' + randomBytes(6).toString('hex'),
      ...body,
      chunk_bytes: 16384,
      chunks: Math.ceil(body.bytes / 16384),
      parts: new Map(),
      evidence: null,
    }
    seen.uploads.set(one.id, one)
    return ok(show(one), 201)
  }
  const one = seen.uploads.get(part[1])
  if (!one) return problem(404, 'record_unknown', '没有此上传')
  if (method === 'GET') return ok(show(one))
  if (method === 'PUT' && part[2] === 'chunks') {
    if (headers['x-chunk-sha256'] && headers['x-chunk-sha256'] !== sha256(bytes))
      return problem(422, 'digest_mismatch', '摘要不符')
    one.parts.set(Number(part[3]), bytes)
    return ok(show(one))
  }
  if (method === 'POST' && part[2] === 'finish') {
    const whole = Buffer.concat(
      [...one.parts.entries()].sort((a, b) => a[0] - b[0]).map(([, chunk]) => chunk),
    )
    if (whole.length !== one.bytes || sha256(whole) !== one.digest_sha256)
      return problem(422, 'digest_mismatch', '摘要不符')
    one.evidence = {
      digest: sha256('sm3' + one.digest_sha256),
      bytes: one.bytes,
      type: 'image/png',
      name: one.name,
    }
    seen.evidence.add(one.evidence.digest)
    return ok(one.evidence)
  }
  return problem(404, 'route_unknown', '没有此地址')
}

function fieldDoor(seen, method, part, body) {
  const village = seen.signed?.roles[0].id === 'village_informant'
  if (part[1] === 'today') {
    const form = {
      id: 'retail_drug',
      version: seen.form,
      zh: '药品零售检查表',
      en: 'Checklist for retail pharmacies',
    }
    const stops = [
      stop(59, '来雁药房', '石鼓区来雁路 18 号', 'overdue', '2025-06-30', { checklist: form }),
      stop(60, '合江套药房', '石鼓区合江街 3 号', 'today', '2025-07-09', { checklist: form, returned: true }),
      stop(61, '松木百姓药房', '石鼓区松木路 7 号', 'week', '2025-07-11', { checklist: form }),
    ].filter((one) => !seen.visits.some((visit) => visit.dossier === one.dossier))
    return ok({
      date: today,
      person: seen.signed.person,
      stops: seen.empty || village ? [] : stops,
      colleagues: [
        { id: 'p-tang2', name: '汤若川' },
        { id: 'p-he', name: '何明屿' },
      ],
      finding_severity: [
        named('critical', '严重缺陷', 'Critical'),
        named('major', '主要缺陷', 'Major'),
        named('minor', '一般缺陷', 'Minor'),
      ],
      signature_modes: [
        named('signed', '签字确认', 'signed'),
        named('refused', '拒绝签字', 'refused to sign'),
        named('absent', '无法签字', 'not there to sign'),
      ],
      formalities: [
        named('two_officers', '两人以上', 'Two officers'),
        named('cards', '出示执法证件', 'Cards shown'),
        named('rights', '告知权利义务', 'Rights told'),
      ],
    })
  }
  if (part[1] === 'checklists')
    return part[2] === 'retail_drug'
      ? ok(checklist(seen.form))
      : problem(404, 'checklist_unknown', '没有此检查表')
  if (part[1] === 'visits') {
    if (body.form.version !== seen.form)
      return problem(409, 'form_changed', '表单版本已变更', {
        detail: '检查表已换新版本，请重新确认有变化的项目。',
        next: '补答后重新发送。',
        errors: [
          { where: 'r04', code: 'form_changed', detail: '文字有变化' },
          { where: 'r07', code: 'form_changed', detail: '新增一项' },
        ],
      })
    const always = items.filter((one) => one.always).map((one) => one.id)
    const left = body.answers.find((one) => always.includes(one.item) && one.answer === 'not_applicable')
    if (left) return problem(422, 'condition_unmet', '条件不满足', { where: left.item, detail: '对此类主体必查，不能填“不适用”' })
    for (const photo of body.photos)
      if (!seen.evidence.has(photo.evidence))
        return problem(422, 'evidence_missing', '缺少证据', { where: 'photos' })
    if (seen.visits.some((one) => one.dossier === body.dossier))
      return problem(409, 'wrong_state', '该检查已经完成', { next: '请刷新清单。' })
    seen.visits.push(body)
    return ok(
      {
        dossier: body.dossier,
        version: 900,
        state: state('record_signed', '笔录完成', 'Record signed'),
        seqs: [1, 2],
        answers: sha256(JSON.stringify(body)),
        findings: body.findings.length,
      },
      201,
    )
  }
  if (part[1] === 'clues') {
    if (method === 'GET')
      return ok({
        items: seen.clues.map((one, index) => ({
          id: 'lead-' + index,
          store: one.store,
          text: one.text,
          place: one.place ?? '',
          received_on: today,
          stage: named('received', '已收到', 'Received'),
          since: today,
          open: true,
        })),
      })
    seen.clues.push(body)
    return ok(
      { seq: 5000 + seen.clues.length, dossier: 'lead-' + seen.clues.length, version: 1, due: '2025-07-23' },
      201,
    )
  }
  return problem(404, 'route_unknown', '没有此地址')
}

function portalDoor(seen, method, part, headers, body) {
  const { row, whole } = rectification(seen)
  const operator = {
    id: 'op-59',
    name: '来雁药房',
    kind: named('pharmacy', '零售药店', 'Pharmacy'),
    authority,
  }
  if (part[1] === 'today') {
    const all = licences()
    return ok(
      seen.empty
        ? {
            date: today,
            operator,
            rectifications: [],
            to_do: [],
            licences: [],
            certificates: [],
            trainings: [],
            open: 0,
          }
        : {
            date: today,
            operator,
            rectifications: seen.answered ? [] : [row],
            to_do: [],
            licences: all.licences.filter((one) => one.standing !== 'valid'),
            certificates: all.certificates.filter((one) => one.standing !== 'valid'),
            trainings: training(seen).acknowledged < staff.length ? [{ ...training(seen), people: [] }] : [],
            open: 1,
          },
    )
  }
  if (part[1] === 'dossiers') {
    if (!part[2]) return ok({ items: seen.empty ? [] : [row], total: seen.empty ? 0 : 1, next: null })
    if (part[2] !== row.id) return problem(404, 'dossier_unknown', '没有此案卷', { next: '请从列表中查找。' })
    if (method === 'GET') return ok(whole, 200, { ETag: `"${row.version}"` })
    if (headers['if-match'] !== `"${row.version}"`)
      return problem(409, 'version_conflict', '记录已被他人修改')
    const errors = []
    if (!body.form.measures)
      errors.push({ where: 'measures', code: 'field_missing', detail: '须填写“整改情况”。' })
    if (!body.form.done_on)
      errors.push({ where: 'done_on', code: 'field_missing', detail: '须填写“完成日期”。' })
    else if (body.form.done_on > today)
      errors.push({ where: 'done_on', code: 'field_invalid', detail: '完成日期不能晚于今天。' })
    if (!body.form.proof?.length)
      errors.push({ where: 'proof', code: 'field_missing', detail: '须附证明材料。' })
    if (errors.length) return problem(422, 'field_missing', '缺少必填项', { errors })
    seen.answered = body
    return ok(
      { seq: 4712, dossier: row.id, version: 4712, state: state('submitted', '已提交', 'Handed in') },
      201,
    )
  }
  if (part[1] === 'licences')
    return ok(seen.empty ? { near_days: 180, licences: [], certificates: [] } : licences())
  if (part[1] === 'acknowledgements') {
    if (method === 'POST') {
      for (const id of body.people) seen.acknowledged.set(id, today)
      const one = training(seen)
      return ok(
        {
          seqs: body.people.map((_, index) => 6000 + index),
          dossier: one.id,
          version: one.version,
          staff: one.staff,
          acknowledged: one.acknowledged,
          share: one.share,
        },
        201,
      )
    }
    return ok({ items: seen.empty ? [] : [training(seen)] })
  }
  if (part[1] === 'credit') {
    if (method === 'POST') return ok({ dossier: recorded.full['GET /api/portal/credit'].matters[0]?.id ?? row.id, version: 1, clock: null }, 201)
    const graded = recorded.full['GET /api/portal/credit']
    const nothing = { decided: null, facts: [], consequences: [], matters: [], credit_grade: 'ungraded', may_object: false, may_repair: false }
    return ok(seen.empty ? { ...graded, ...nothing } : graded)
  }
  if (part[1] === 'draws') return ok(seen.empty ? { items: [] } : recorded.full['GET /api/portal/draws'])
  return problem(404, 'route_unknown', '没有此地址')
}

function publicDoor(seen, method, part, query, body) {
  const q = query.get('q') ?? ''
  const page = (all) => {
    const from = Number(query.get('cursor') ?? 0)
    const size = Number(query.get('limit') ?? 50)
    return ok({
      items: all.slice(from, from + size),
      total: all.length,
      next: from + size < all.length ? String(from + size) : null,
    })
  }
  if (part[1] === 'form') return ok(publicForm)
  if (part[1] === 'penalties') {
    if (part[2]) {
      const one = penalties.find((row) => row.id === part[2])
      return one ? ok(one) : problem(404, 'record_unknown', '没有此记录')
    }
    return page(
      seen.empty
        ? []
        : penalties.filter(
            (one) =>
              (one.party.name + one.decision_number).includes(q) &&
              (!query.get('category') || one.category.id === query.get('category')),
          ),
    )
  }
  if (part[1] === 'serious_violators')
    return page(seen.empty || !violator.party.name.includes(q) ? [] : [violator])
  if (part[1] === 'cases')
    return page(
      seen.empty
        ? []
        : [
            {
              id: 'c-1',
              title: '某药房从非法渠道购进药品案',
              text: '2025 年 3 月，执法人员检查发现该药房不能提供 12 盒药品的随货同行单，依法没收并处罚款。',
              category: drug,
              authority,
              published_on: '2025-05-12',
              law: [law.dal55, law.dal129],
            },
          ],
    )
  if (part[1] === 'operators')
    return ok({
      items: ['来雁药房', '合江套药房']
        .filter((one) => !seen.empty && one.includes(q))
        .map((name, index) => ({
          id: 'op-' + (59 + index),
          name,
          kind: named('pharmacy', '零售药店', 'Pharmacy'),
          region: named('430407', '石鼓区', 'Shigu'),
          licences: [
            {
              kind: named('drug_trade', '药品经营许可证', 'Drug trade licence'),
              status: named('valid', '有效', 'Valid'),
              to: '2027-03-31',
            },
          ],
        })),
      more: false,
    })
  if (part[1] === 'reports') {
    const errors = []
    if (!body.reason) errors.push({ where: 'reason', code: 'field_missing', detail: '请选一项。' })
    if (!body.operator_id && !body.store)
      errors.push({ where: 'store', code: 'field_missing', detail: '还没有写是哪家店。' })
    if (body.text?.includes('服务器拒绝'))
      errors.push({ where: 'text', code: 'field_invalid', detail: '这段文字不能受理，请改写。' })
    if (errors.length) return problem(422, 'field_missing', '缺少必填项', { errors })
    const one = { ticket: `SG-0702-${3186 + seen.reports.length}`, secret: 'K7QW-2M9D-XR4T-8HVB', body }
    seen.reports.push(one)
    return ok(
      {
        ticket: one.ticket,
        secret: one.secret,
        received_on: today,
        split: !!body.claims,
        matters: [
          { kind: named('report', '举报', 'Report'), law: [law.appr18], due: '2025-07-23', authority },
        ],
      },
      201,
    )
  }
  if (part[1] === 'tickets') {
    const one = seen.reports.find(
      (row) =>
        row.ticket === body.ticket &&
        row.secret.replace(/-/g, '') === String(body.secret).toUpperCase().replace(/-/g, ''),
    )
    if (!one) return problem(404, 'ticket_unknown', '受理号或查询码不符')
    return ok({
      ticket: one.ticket,
      received_on: today,
      matters: [
        {
          kind: named('report', '举报', 'Report'),
          stage: named('verifying', '核查中', 'Being verified'),
          since: today,
          text: {
            zh: '石鼓区局正在核查，7 月 23 日前决定是否立案。',
            en: 'The district authority is verifying it and decides by 23 July whether to open a case.',
          },
          open: true,
          due: '2025-07-23',
          authority,
          law: [law.appr18],
          told: '',
          history: [
            { on: today, stage: named('received', '已收到', 'Received') },
            { on: today, stage: named('verifying', '核查中', 'Being verified') },
          ],
        },
      ],
    })
  }
  return problem(404, 'route_unknown', '没有此地址')
}

function sessionDoor(seen, method, part, body) {
  const roles = Object.entries(people).map(([, who]) => ({
    role: who.roles[0],
    person: who.person,
    organisation: authority,
    operator: who.operator,
    entry: who.entry,
  }))
  if (part[1] === 'methods')
    return ok({
      password: true,
      oidc: null,
      set_up: false,
      sample_data: true,
      rules: { length_min: 12, classes_min: 3, rotation_days: 90, history: 5 },
      roles,
    })
  if (part[1] === 'demo') {
    seen.signed = people[body.role] ?? null
    return seen.signed ? ok(session(seen.signed)) : problem(404, 'role_unknown', '没有此角色')
  }
  if (method === 'DELETE') {
    seen.signed = null
    return ok(null, 204)
  }
  if (method === 'POST') {
    const who = Object.values(people).find((one) => one.name === body.name)
    if (!who || body.password !== 'Correct-horse-9')
      return problem(401, 'sign_in_refused', '姓名或密码不对', { next: '请再试；连续五次错误后须等待。' })
    seen.signed = who
    return ok(session(who))
  }
  return seen.signed
    ? ok(session(seen.signed))
    : problem(401, 'not_signed_in', '尚未登录', { next: '请登录。' })
}

/** The API over what is remembered. `body` is the bytes of the request. */
export function doors(seen) {
  const one = (request, url, bytes) => {
    const part = url.pathname.split('/').slice(2).map(decodeURIComponent)
    const { method, headers } = request
    const isJson = (headers['content-type'] ?? '').includes('json')
    const body = isJson && bytes.length ? JSON.parse(bytes.toString()) : {}
    const known = ['session', 'public', 'portal', 'field', 'uploads', 'notices', 'meta', 'packs', 'jobs', 'safety_reports']
    if (!known.includes(part[0])) return null
    const language = (headers['accept-language'] ?? '').startsWith('en') ? 'en' : 'zh'
    if (part[0] === 'public' && part[1] === 'reactions')
      return vigilance(seen, { method, part, query: url.searchParams, body, empty: seen.empty, language })
    if (part[0] === 'public' && part[1] === 'packs') return publicPack(url.searchParams, language)
    if (part[0] === 'session') return sessionDoor(seen, method, part, body)
    if (part[0] === 'public') return publicDoor(seen, method, part, url.searchParams, body)
    if (!seen.signed) return problem(401, 'not_signed_in', '尚未登录', { next: '请登录。' })
    if (part[0] === 'meta') return ok({ now: '2025-07-02T09:40:00+08:00', today })
    if (part[0] === 'packs')
      return packs(seen, { method, part, query: url.searchParams, body, empty: seen.empty, language })
    if (part[0] === 'safety_reports')
      return vigilance(seen, { method, part, query: url.searchParams, body, empty: seen.empty, language })
    if (part[0] === 'jobs') return packJobs(seen, part)
    if (part[0] === 'uploads') return doorUploads(seen, method, part, headers, bytes, body)
    if (part[0] === 'field') return fieldDoor(seen, method, part, body)
    if (part[0] === 'portal') return portalDoor(seen, method, part, headers, body)
    if (part[2] === 'read') return ok({ unread: 0 })
    return ok({ items: seen.empty ? [] : notices, unread: seen.empty ? 0 : 1, next: null })
  }
  return (request, url, bytes) => {
    const key = request.method === 'POST' ? request.headers['idempotency-key'] : ''
    if (!key)
      return request.method === 'POST' && url.pathname.startsWith('/api/')
        ? problem(400, 'key_missing', '缺少 Idempotency-Key')
        : one(request, url, bytes)
    const name = `${url.pathname} ${key}`
    const digest = sha256(bytes)
    const before = seen.keys.get(name)
    if (before)
      return before.digest === digest ? before.answer : problem(422, 'key_reused', '同一个键用于不同的内容')
    const answer = one(request, url, bytes)
    if (answer && answer.status < 400) seen.keys.set(name, { digest, answer })
    return answer
  }
}

const dist = process.env.QINGYUAN_WEB ?? fileURLToPath(new URL('../../dist', import.meta.url))
const types = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
}
export const policy =
  "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"

/** Serves the built entries below `prefix` and the API. `before(request, url, bytes)` may answer or fail first. */
export function serve(seen, { port = 0, prefix = '', before = () => null } = {}) {
  const answer = doors(seen)
  const server = createServer((request, response) => {
    const url = new URL(request.url, 'http://localhost')
    response.setHeader('Content-Security-Policy', policy)
    response.setHeader('X-Content-Type-Options', 'nosniff')
    if (prefix && !url.pathname.startsWith(prefix)) {
      response.writeHead(404).end()
      return
    }
    url.pathname = url.pathname.slice(prefix.length)
    if (!url.pathname.startsWith('/api/')) {
      const path = join(
        dist,
        normalize(url.pathname.endsWith('/') ? url.pathname + 'index.html' : url.pathname),
      )
      if (!path.startsWith(normalize(dist)) || !existsSync(path) || !statSync(path).isFile()) {
        response.writeHead(404).end()
        return
      }
      const compressed = existsSync(path + '.gz')
      response.setHeader('Content-Type', types[extname(path)] ?? 'application/octet-stream')
      if (compressed) response.setHeader('Content-Encoding', 'gzip')
      response.end(readFileSync(compressed ? path + '.gz' : path))
      return
    }
    const chunks = []
    request
      .on('data', (chunk) => chunks.push(chunk))
      .on('end', async () => {
        const bytes = Buffer.concat(chunks)
        const given =
          (await before(request, url, bytes, answer)) ??
          answer(request, url, bytes) ??
          problem(404, 'route_unknown', '没有此地址')
        if (given === 'drop') {
          request.socket.destroy()
          return
        }
        if (given.events) {
          response.writeHead(200, { 'Content-Type': 'text/event-stream' })
          given.events.forEach((one, n) =>
            setTimeout(() => response.write(`event: job\ndata: ${JSON.stringify(one)}\n\n`), n * given.pace),
          )
          setTimeout(() => response.end(), given.events.length * given.pace)
          return
        }
        response.writeHead(given.status, { 'Content-Type': 'application/json', ...given.headers })
        response.end(given.status === 204 ? '' : JSON.stringify(given.body))
      })
  })
  return new Promise((resolve) => server.listen(port, '127.0.0.1', () => resolve(server)))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const at = process.argv.indexOf('--port')
  const server = await serve(memory({ empty: process.argv.includes('--empty') }), {
    port: at > 0 ? Number(process.argv[at + 1]) : 8091,
  })
  console.log(`http://127.0.0.1:${server.address().port}`)
}
