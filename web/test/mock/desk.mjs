// The operations of sign-in, administration, search, jobs, views, notices and comparison over invented data.

import * as data from './names.mjs'
import { operator, rows } from './dossiers.mjs'

const ok = (body, more = {}) => ({ status: 200, body, ...more })
export const problem = (status, code, title, more = {}) => ({
  status,
  problem: { type: 'urn:qingyuan:error:' + code, title, status, code, detail: '', where: '', ...more },
})
const { named } = data
const business = [
  'dossier_list',
  'dossier_read',
  'dossier_open',
  'dossier_step',
  'dossier_approve',
  'dossier_export',
  'registry_list',
  'registry_read',
  'figure_read',
  'figure_export',
  'record_read',
  'signal_list',
  'signal_read',
  'signal_step',
  'safety_report_list',
  'plan_list',
  'plan_read',
  'plan_step',
  'credit_list',
  'credit_read',
  'risk_list',
  'risk_read',
]
const roles = [
  ['officer', '执法人员', 'Enforcement officer', 'p-licheng', 'desk', business],
  ['unit_head', '办案机构负责人', 'Head of the case unit', 'p-zhoupei', 'desk', [...business, 'plan_open']],
  [
    'head_of_authority',
    '机关负责人',
    'Head of the authority',
    'p-tangting',
    'desk',
    [...business, 'proposal_decide', 'grant_propose'],
  ],
  ['legal_reviewer', '法制审核人员', 'Legal reviewer', 'p-heming', 'desk', business],
  ['inspector', '检查员', 'Inspector', 'p-xiezhi', 'field', ['field_read']],
  ['operator_user', '企业用户', 'User of an operator', 'p-zouting', 'portal', ['portal_read']],
  [
    'system_admin',
    '系统管理员',
    'System administrator',
    'p-sys',
    'desk',
    ['account_read', 'account_change', 'people_change', 'organisation_change'],
  ],
  [
    'security_admin',
    '安全管理员',
    'Security administrator',
    'p-sec',
    'desk',
    ['account_read', 'proposal_decide', 'grant_propose'],
  ],
  ['audit_admin', '审计管理员', 'Audit administrator', 'p-aud', 'desk', ['access_audit', 'record_read']],
  [
    'risk_analyst',
    '风险分析人员',
    'Risk analyst',
    'p-heming',
    'desk',
    // counts, and reads no case
    business.filter((one) => !/^(signal_(read|step)|safety_report|dossier_)/.test(one)),
  ],
  ['police_contact', '公安联络员', 'Police contact', 'p-pol', 'desk', ['dossier_step', 'record_read']],
]
const extra = { 'p-pol': '钟离晓', 'p-sys': '苏景行', 'p-sec': '安若谷', 'p-aud': '沈既白' }
const person = (id) => ({ id, name: extra[id] ?? data.person(id).name })
const roleOf = (id) => roles.find((one) => one[0] === id)

function session(role) {
  const [id, zh, en, who, entry, permissions] = role
  const own = data.people.find((one) => one.id === who)
  return {
    account: 'a-' + who,
    name: 'HY' + String(roles.indexOf(role) + 1).padStart(4, '0'),
    person: person(who),
    roles: [named(id, zh, en)],
    organisation: own?.organisation ?? data.organisation('hengyang'),
    operator: null,
    permissions: ['own_read', 'own_change', 'law_read', ...permissions],
    entry,
    sample_data: true,
    limited: null,
    code_enrolled: id.endsWith('_admin'),
    password_until: null,
    signed_in_at: data.now,
    ends_at: '2025-07-05T13:14:00Z',
    idle_minutes: 30,
  }
}
/** Who is signed in, as the frame of a page is told. */
export const signedIn = (role) => {
  const { person: one, organisation, roles: held } = session(roleOf(role))
  return { ...one, organisation, roles: held }
}
const rules = { length_min: 10, classes_min: 3, rotation_days: 0, history: 5 }
const account = (role) => {
  const one = session(role)
  return {
    id: one.account,
    name: one.name,
    person: one.person,
    organisation: one.organisation,
    operator: null,
    roles: one.roles,
    state: 'active',
    reason: '',
    locked_until: role[0] === 'legal_reviewer' ? '2025-07-05T02:00:00Z' : null,
    code_enrolled: one.code_enrolled,
    password_changed_on: '2025-03-01',
    seen_at: '2025-07-04T08:20:00Z',
    sessions: 1,
  }
}

/** What changes while the stand-in runs. */
export function memory() {
  return {
    role: null,
    views: [],
    jobs: new Map(),
    uploads: new Map(),
    evidence: new Set(),
    read: new Set(),
    organisations: data.organisations.map((one) => ({
      ...one,
      kind: named('authority', '行政机关', 'Authority'),
      versions: [{ from: one.from, name: one.zh, parent: one.parent, department: one.department.id }],
    })),
    proposals: [
      {
        id: 'pr-1',
        kind: named('role_change', '职责变更', 'Change of roles'),
        object: '谢知行',
        state: 'open',
        content: { roles: ['officer', 'inspector'] },
        digest: data.digest('pr-1'),
        until: '2025-07-12',
        proposer: person('p-sys'),
        decider: null,
        reason: '兼任现场检查',
        mine: false,
      },
    ],
    settings: {
      mail: false,
      address: null,
      webhook: false,
      near: true,
      mail_available: true,
      webhook_available: false,
    },
  }
}

const notices = [
  ['before_due', rows[3], '三个工作日内届满', 'ends within three working days'],
  ['after_due', rows[0], '已超期，请说明原因', 'is overdue, give the reason'],
  ['reminded', rows[5], '负责人催办', 'the head asks how it stands'],
].map(([kind, row, zh, en], index) => ({
  id: 'n-' + index,
  kind,
  dossier: row.id,
  procedure: row.procedure,
  limit: row.clock ? named(row.clock.limit, row.clock.zh, row.clock.en) : null,
  due_on: row.clock?.due.raw ?? null,
  text: { zh: `${row.id}：${zh}`, en: `${row.id}: ${en}` },
  link: `/dossiers/${encodeURIComponent(row.id)}`,
  at: '2025-07-04T0' + index + ':20:00Z',
  read: false,
  escalated: kind === 'after_due',
}))

function compare(query) {
  const next = data.stream(7)
  const overall = 0.374
  const limit = (base) => {
    const spread = Math.sqrt((overall * (1 - overall)) / base)
    const text = (value) => Math.min(1, Math.max(0, value)).toFixed(6)
    return {
      base,
      low_998: text(overall - 3.09 * spread),
      low_95: text(overall - 1.96 * spread),
      high_95: text(overall + 1.96 * spread),
      high_998: text(overall + 3.09 * spread),
    }
  }
  const units = data.units.map((one, index) => {
    const base = index > 10 ? 6 + index : Math.round(40 + next() * 360)
    const value = Math.round(base * Math.min(1, Math.max(0, overall + (next() - 0.5) * 0.34)))
    const bound = limit(base)
    const rate = value / base
    const outside =
      rate > bound.high_998
        ? 'above_998'
        : rate > bound.high_95
          ? 'above_95'
          : rate < bound.low_998
            ? 'below_998'
            : rate < bound.low_95
              ? 'below_95'
              : 'none'
    return {
      org: one.id,
      zh: one.zh,
      en: one.en,
      value,
      base,
      rate: rate.toFixed(6),
      small: base < 20,
      outside,
      own: one.own,
    }
  })
  const figure = named('share_noncompliant', '不合规占被查单位', 'Not compliant of those inspected')
  const sum = (what) => units.reduce((total, one) => total + one[what], 0)
  return {
    report: 'mid_year',
    figure,
    figures: [figure],
    period: query.get('period') ?? '2025-H1',
    organisation: data.organisation('hengyang'),
    as_of: { seq: 48213, date: data.today },
    kind: 'share',
    per: 1,
    numerator: named('n', '不合规单位', 'not compliant'),
    denominator: named('d', '被查单位', 'operators inspected'),
    unit: named('household', '家', 'operators'),
    base_unit: named('household', '家', 'operators'),
    overall: { value: sum('value'), base: sum('base'), rate: (sum('value') / sum('base')).toFixed(6) },
    units,
    limits: Array.from({ length: 42 }, (_, index) => limit(1 + index * 10)),
  }
}

function finish(job) {
  const items = job.ids.map((id, index) =>
    index % 7 === 6
      ? {
          dossier: id,
          ok: false,
          refusal: problem(409, 'officer_unqualified', '人员不具备资格', {
            detail: '执法证已过期。',
            law: { text: '', zh: '《程序规定》第6条', en: 'APPR 6' },
          }).problem,
        }
      : { dossier: id, ok: true, seq: 48393 + index },
  )
  const refused = items.filter((one) => !one.ok).length
  job.outcome = { action: job.action, done: items.length - refused, refused, items }
  Object.assign(job.view, {
    state: 'done',
    done: items.length,
    succeeded: items.length - refused,
    refused,
    finished_at: data.now,
    result: {
      name: job.view.kind === 'export' ? '案卷.xlsx' : 'outcome.json',
      type: 'application/json',
      bytes: 48211,
      digest: data.digest('job'),
      expires_at: '2025-07-06T00:00:00Z',
    },
  })
}
function begin(seen, kind, total, ids, action) {
  const id = 'job-' + (seen.jobs.size + 1)
  const view = {
    id,
    kind,
    state: 'running',
    done: Math.floor(total / 2),
    total,
    created_at: data.now,
    finished_at: null,
    problem: null,
    result: null,
    succeeded: 0,
    refused: 0,
  }
  seen.jobs.set(id, { view, ids, action })
  return { status: 202, body: { ...view } }
}

function jobs(seen, part) {
  if (!part[1]) return ok({ items: [...seen.jobs.values()].map((one) => one.view) })
  const job = seen.jobs.get(part[1])
  if (!job) return problem(404, 'job_unknown', '没有此任务')
  if (part[2] === 'events') {
    const first = { ...job.view }
    finish(job)
    return { status: 200, events: [first, job.view] }
  }
  return part[2] === 'result' ? ok(job.outcome) : ok(job.view)
}

function admin(seen, method, part, body, role) {
  const needs = {
    organisations: ['organisation_change'],
    accounts: ['account_read'],
    people: ['people_change', 'account_read'],
    grants: ['grant_propose', 'account_read'],
    proposals: ['proposal_decide', 'people_change', 'grant_propose'],
    access: ['access_audit'],
  }
  if (!needs[part[1]]?.some((one) => role[5].includes(one)))
    return problem(403, 'access_denied', '无权访问', { detail: '您的职责不含此项。', next: '找系统管理员。' })
  switch (part[1]) {
    case 'organisations': {
      if (method === 'POST') {
        if (!/^[a-z][a-z0-9_]*$/.test(body.id ?? ''))
          return problem(422, 'value_invalid', '值不合要求', {
            errors: [
              {
                where: 'id',
                code: 'value_invalid',
                detail: `“${body.id}”不是标识，只用小写字母、数字和下划线。`,
              },
            ],
          })
        const made = {
          id: body.id,
          zh: body.name,
          en: body.name_en ?? '',
          parent: body.parent ?? null,
          department: named(body.department, '市场监督管理', 'Market regulation'),
          level: body.level ?? '',
          region: body.region ?? '',
          kind: named(body.kind, '行政机关', 'Authority'),
          from: body.from ?? data.today,
          ended_on: null,
          successor: null,
          versions: [],
        }
        seen.organisations.push(made)
        return { status: 201, body: made }
      }
      const found = seen.organisations.find((one) => one.id === part[2])
      if (method === 'PATCH' && found)
        Object.assign(
          found,
          body.name ? { zh: body.name } : {},
          body.ended_on ? { ended_on: body.ended_on } : {},
        )
      return part[2] ? ok(found, { tag: '"1"' }) : ok({ items: seen.organisations })
    }
    case 'accounts': {
      const all = roles.map(account)
      if (method === 'POST')
        return {
          status: 201,
          body: { account: { ...all[0], name: body.name }, password: 'Tr7-mulberry-Kite' },
        }
      const found = all.find((one) => one.id === part[2])
      if (method === 'PATCH')
        return ok({ account: found, ...(body.reset_password ? { password: 'Wn4-harbour-Lamp' } : {}) })
      return part[2] ? ok(found, { tag: '"1"' }) : ok({ items: all, next: null })
    }
    case 'people':
      if (method === 'GET')
        return ok({
          items: data.people.map(({ id, organisation, roles: held }) => ({
            id,
            organisation,
            operator: null,
            roles: held,
            account: roles.some((one) => one[3] === id) ? 'hy-' + id : null,
          })),
          next: null,
        })
      if (method === 'PATCH') {
        const made = {
          ...seen.proposals[0],
          id: 'pr-' + (seen.proposals.length + 1),
          object: part[2],
          content: { roles: body.roles },
          reason: body.reason,
          mine: true,
          state: 'open',
        }
        seen.proposals.push(made)
        return { status: 202, body: made }
      }
      return { status: 201, body: { ...data.people[0], id: body.id, name: body.name, roles: [] } }
    case 'grants':
      if (method === 'POST')
        return {
          status: 202,
          body: { ...seen.proposals[0], id: 'pr-g', kind: named('grant', '授权', 'Grant'), mine: true },
        }
      return ok({
        items: [
          {
            id: 'g-1',
            dossier: rows[2].id,
            organisation: named('hy_police', '衡阳市公安局', 'Hengyang police'),
            person: null,
            actions: ['read'],
            masks: ['personal'],
            purpose: '案件移送审查',
            basis: { text: '', zh: '《行政处罚法》第27条', en: 'APL 27' },
            from: '2025-06-01',
            until: '2025-08-30',
            pinned: true,
            giver: person('p-sec'),
            approver: person('p-tangting'),
            state: 'active',
            reason: '',
          },
        ],
        next: null,
      })
    case 'proposals': {
      const found = seen.proposals.find((one) => one.id === part[2])
      if (found) {
        Object.assign(found, {
          state: body.decision,
          decider: person(role[3]),
          reason: body.reason ?? found.reason,
        })
        return ok(found)
      }
      return ok({
        items: seen.proposals
          .filter((one) => one.state === (seen.query.get('state') ?? 'open'))
          .map((one) => ({ ...one, mine: one.proposer.id === role[3] })),
        next: null,
      })
    }
    default:
      return ok({
        items: ['dossier_read', 'dossier_export', 'dossier_read', 'sign_in']
          .map((policy, index) => ({
            seq: 900 - index,
            at: '2025-07-05T00:4' + index + ':00Z',
            person: person(roles[index][3]),
            organisation: 'hengyang_bureau',
            action: ['read', 'export', 'denied', 'sign_in'][index],
            object: index === 3 ? '' : rows[index].id,
            decision: index === 2 ? 'access_denied' : 'allowed',
            purpose: index === 1 ? '会商材料' : '',
            policy,
            grant: '',
            count: index === 1 ? 148 : 0,
            session: data.digest('s' + index).slice(0, 16),
          }))
          .filter((one) => !seen.query.get('action') || one.action === seen.query.get('action')),
        next: null,
      })
  }
}

/** The answer, or null for what the others know. */
export function desk(seen, method, part, query, body, empty) {
  seen.query = query
  const role = seen.role ? roleOf(seen.role) : null
  if (part[0] === 'session') {
    if (part[1] === 'methods')
      return ok({
        password: true,
        oidc: { zh: '政务统一认证', en: 'the government sign-in' },
        set_up: false,
        sample_data: true,
        rules,
        roles: roles.map(([id, zh, en, who, entry]) => ({
          role: named(id, zh, en),
          person: person(who),
          organisation: session(roleOf(id)).organisation,
          operator: null,
          entry,
        })),
      })
    if (method === 'DELETE') {
      seen.role = null
      return { status: 204 }
    }
    if (part[1] === 'demo') seen.role = roleOf(body.role)?.[0] ?? null
    else if (method === 'POST') {
      if (body.password !== 'right')
        return problem(401, 'sign_in_refused', '账号或口令不符', { next: '核对后再试；多次不符会暂时锁定。' })
      seen.role = 'officer'
    }
    return seen.role
      ? ok(session(roleOf(seen.role)))
      : problem(401, 'not_signed_in', '尚未登录', { next: '请登录。' })
  }
  if (part[0] === 'setup')
    return body.code === 'wrong'
      ? problem(422, 'sign_in_refused', '设置码不符', {
          errors: [{ where: 'code', code: 'sign_in_refused', detail: '设置码不符。' }],
        })
      : { status: 204 }
  if (!role) return problem(401, 'not_signed_in', '尚未登录', { next: '请登录。' })
  if (!role[5].includes('dossier_list') && ['today', 'dossiers'].includes(part[0]))
    return problem(403, 'access_denied', '无权访问')
  switch (part[0]) {
    case 'account':
      if (part[1] === 'password')
        return method === 'POST'
          ? body.old === 'right'
            ? ok(session(role))
            : problem(422, 'password_wrong', '现用口令不符', { where: 'old', detail: '现用口令不符。' })
          : ok({ rules, changed_on: '2025-03-01', until: null })
      if (part[1] === 'totp')
        return method === 'DELETE'
          ? { status: 204 }
          : ok(
              body.action === 'begin'
                ? {
                    secret: 'JBSW Y3DP EHPK 3PXP',
                    uri: 'otpauth://totp/x',
                    qr: '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 0h3v3h-3zM6 0h3v3h-3zM0 6h3v3h-3zM4 4h1v1h-1zM6 6h1v1h-1zM8 8h1v1h-1z"/></svg>',
                  }
                : { recovery: ['k3f9-2hq8', '7mzp-41xw', 'q8rt-9bn2', 'x5jd-66vc'] },
            )
      if (part[1] === 'sessions')
        return method === 'DELETE'
          ? { status: 204 }
          : ok({
              items: [
                {
                  id: 's-1',
                  method: 'demo',
                  signed_in_at: data.now,
                  seen_at: data.now,
                  ends_at: '2025-07-05T13:14:00Z',
                  current: true,
                },
                {
                  id: 's-2',
                  method: 'password',
                  signed_in_at: '2025-07-04T01:00:00Z',
                  seen_at: '2025-07-04T09:00:00Z',
                  ends_at: '2025-07-04T13:00:00Z',
                  current: false,
                },
              ],
            })
      if (method === 'POST')
        return { status: 201, body: { token: 'qyt_4hJk29xQpZ', id: 't-2', until: body.until } }
      return method === 'DELETE'
        ? { status: 204 }
        : ok({
            items: [
              {
                id: 't-1',
                label: '进销存系统',
                scope: ['portal_submit'],
                from: '2025-01-01',
                until: '2025-12-31',
                used_at: null,
                state: 'active',
              },
            ],
            grantable: ['dossier_list', 'figure_read'],
          })
    case 'admin':
      return admin(seen, method, part, body, role)
    case 'search': {
      const q = query.get('q') ?? ''
      const hits = rows.filter((row) => !row.restricted && (row.id + row.title).includes(q)).slice(0, 8)
      return ok({
        q,
        items: hits.map((row) => ({
          kind: 'dossier',
          id: row.id,
          title: row.title,
          detail: { zh: row.id + ' ' + row.state.zh, en: row.id + ' ' + row.state.en },
          matched: 'name',
        })),
        more: false,
      })
    }
    case 'operators': {
      if (part[2] === 'history')
        return ok({
          operator: { id: part[1], name: operator(part[1]).name },
          items: rows
            .filter((row) => row.operator?.id === part[1])
            .slice(0, 12)
            .map((row) => ({
              seq: row.seq,
              kind: 'dossier_opened',
              happened_on: row.opened_on,
              organisation: row.organisation,
              title: { zh: '立案', en: 'Case opened' },
              dossier: { id: row.id, title: row.title, procedure: row.procedure },
            })),
          hidden: 2,
          next: null,
        })
      if (part[1]) return ok(operator(part[1]))
      const all = [
        ...new Map(rows.filter((row) => row.operator).map((row) => [row.operator.id, row.operator])).values(),
      ]
        .map((one) => ({
          id: one.id,
          name: one.name,
          kind: operator(one.id).kind,
          uscc: operator(one.id).uscc,
          region: operator(one.id).region,
          organisation: operator(one.id).organisation,
        }))
        .filter((one) => !query.get('q') || one.name.includes(query.get('q')))
      return ok({
        items: empty ? [] : all.slice(0, 50),
        total: empty ? 0 : all.length,
        estimated: false,
        next: null,
      })
    }
    case 'views':
      if (method === 'POST') {
        const made = {
          id: 'v-' + (seen.views.length + 1),
          ...body,
          shared: body.shared ?? false,
          own: true,
          owner: person(role[3]),
          created_at: data.now,
        }
        seen.views.push(made)
        return { status: 201, body: made }
      }
      if (method === 'DELETE') {
        seen.views = seen.views.filter((one) => one.id !== part[1])
        return { status: 204 }
      }
      return ok({
        items: [
          {
            id: 'v-0',
            name: '清源行动',
            page: 'dossiers',
            query: 'campaign=qingyuan&open=true',
            shared: true,
            own: false,
            owner: person('p-tangting'),
            created_at: data.now,
          },
          ...seen.views,
        ],
      })
    case 'bulk':
      return begin(
        seen,
        'bulk',
        body.ids?.length ?? 93,
        body.ids ?? rows.slice(0, 93).map((row) => row.id),
        body.action,
      )
    case 'exports':
      return begin(seen, 'export', 148, [], 'export')
    case 'jobs':
      return jobs(seen, part)
    case 'notices':
      if (part[1] === 'settings') {
        if (method === 'PUT') Object.assign(seen.settings, body)
        return ok(seen.settings, { tag: '"1"' })
      }
      if (method === 'POST') {
        for (const one of notices) if (part[1] === 'all' || one.id === part[1]) seen.read.add(one.id)
        return ok({ unread: notices.filter((one) => !seen.read.has(one.id)).length })
      }
      return ok({
        items: empty
          ? []
          : notices
              .map((one) => ({ ...one, read: seen.read.has(one.id) }))
              .filter((one) => !query.get('unread') || !one.read),
        unread: empty ? 0 : notices.filter((one) => !seen.read.has(one.id)).length,
        next: null,
      })
    case 'compare':
      return ok(empty ? { ...compare(query), units: [] } : compare(query))
    default:
      return null
  }
}
