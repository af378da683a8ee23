// Invented dossiers with every kind of clock, their steps open and refused, and the law they quote.

import {
  campaign,
  causes,
  dateOf,
  dayOf,
  digest,
  named,
  organisation,
  people,
  person,
  shops,
  today,
  unit,
  units,
} from './names.mjs'

const cite = (text, zh, en) => ({ text, zh, en })
const laws = {
  decide: cite('APPR 64', '《程序规定》第64条', 'Procedure Rules, art. 64'),
  verify: cite('APPR 18', '《程序规定》第18条', 'Procedure Rules, art. 18'),
  hear: cite('APL 64', '《行政处罚法》第64条', 'Administrative Penalty Law, art. 64'),
  seize: cite('ACL 25', '《行政强制法》第25条', 'Administrative Compulsion Law, art. 25'),
  say: cite('APL 45', '《行政处罚法》第45条', 'Administrative Penalty Law, art. 45'),
  wait: cite('APL 62', '《行政处罚法》第62条', 'Administrative Penalty Law, art. 62'),
  panel: cite('APPR 60', '《程序规定》第60条', 'Procedure Rules, art. 60'),
  refer: cite('TRANSFER 5', '《移送规定》第5条', 'Transfer Rules, art. 5'),
  close: cite('APPR 77', '《程序规定》第77条', 'Procedure Rules, art. 77'),
}
/** A clock in calendar or working days; the mock counts working days as weekdays. */
function clock(
  limit,
  zh,
  en,
  law,
  kind,
  budget,
  started,
  { pauses = [], stopped = null, extended = 0, extension = 0 } = {},
) {
  const working = kind === 'working_day'
  const counts = (day) =>
    (!working || ![0, 6].includes(new Date(day * 86_400_000).getUTCDay())) &&
    !pauses.some((one) => day >= dayOf(one.from) && day <= (one.to ? dayOf(one.to) : Infinity))
  const total = budget + extended
  const end = (n) => {
    let day = dayOf(started)
    for (let left = n; left > 0 && day < dayOf(started) + 2000;) {
      day += 1
      if (counts(day)) left -= 1
    }
    return dateOf(day)
  }
  const openPause = pauses.some((one) => one.to === null)
  const reach = dayOf(stopped ?? today)
  let used = 0
  for (let day = dayOf(started) + 1; day <= reach; day += 1) if (counts(day)) used += 1
  const excluded = pauses.reduce(
    (sum, one) => sum + (one.to ? dayOf(one.to) : dayOf(today)) - dayOf(one.from) + 1,
    0,
  )
  const due = openPause ? dateOf(dayOf(today) + Math.ceil((total - used) * (working ? 1.4 : 1))) : end(total)
  const left = total - used
  const standing = stopped
    ? 'stopped'
    : openPause
      ? 'suspended'
      : dayOf(due) < dayOf(today)
        ? 'late'
        : left <= 3
          ? 'near'
          : 'running'
  return {
    limit,
    zh,
    en,
    law,
    unit: kind,
    budget: total,
    used,
    left,
    excluded_days: excluded,
    extended,
    extension,
    extension_due: extension ? end(total + extension) : null,
    started_on: started,
    started_at: null,
    stopped_on: stopped,
    running: !stopped,
    suspended: openPause,
    standing,
    due: {
      raw: due,
      due_holiday_roll: due,
      due: [0, 6].includes(new Date(dayOf(due) * 86_400_000).getUTCDay()) ? dateOf(dayOf(due) + 2) : due,
      counted_days: total,
      excluded_days: excluded,
      provisional: false,
      calendar_version: '2024 2025 2026',
    },
    due_at: null,
    pauses,
    verified: limit !== 'CASE.SERVE',
  }
}
const st = (id, zh, en, terminal = false) => ({ id, zh, en, terminal })
const states = {
  lead: st('lead', '线索核查', 'Lead'),
  investigating: st('investigating', '调查取证', 'Investigating'),
  informed: st('informed', '已告知', 'Informed'),
  review: st('review', '法制审核', 'Legal review'),
  decided: st('decided', '已作决定', 'Decided'),
  testing: st('testing', '待检验结果', 'Awaiting test'),
  closed: st('closed', '已结案', 'Closed', true),
  inspecting: st('inspecting', '检查中', 'Inspecting'),
  done: st('done', '已办结', 'Done', true),
  ordered: st('ordered', '待改正', 'To be rectified'),
}
export const procedures = [
  { ...named('penalty_case', '行政处罚案件', 'Penalty case'), unit: unit.case, may_open: true },
  { ...named('inspection', '监督检查', 'Inspection'), unit: unit.visit, may_open: true },
  { ...named('rectification', '责令改正', 'Rectification order'), unit: unit.order, may_open: false },
]
const kinds = [
  (n) => [
    'investigating',
    [
      clock(
        'CASE.DECIDE',
        '作出处理决定',
        'Decide the case',
        laws.decide,
        'calendar_day',
        90,
        dateOf(dayOf(today) - 93 - n),
        { extended: 0 },
      ),
    ],
  ],
  (n) => [
    'lead',
    [
      clock(
        'CASE.LEAD_VERIFY',
        '核查线索',
        'Verify the lead',
        laws.verify,
        'working_day',
        15,
        dateOf(dayOf(today) - 9 - n),
        { extension: 15 },
      ),
    ],
  ],
  (n) => [
    'informed',
    [
      clock(
        'CASE.HEAR',
        '陈述申辩',
        'Statement and hearing',
        laws.hear,
        'working_day',
        5,
        dateOf(dayOf(today) - (n % 4) - 1),
      ),
    ],
  ],
  (n) => [
    'investigating',
    [
      clock(
        'CASE.DECIDE',
        '作出处理决定',
        'Decide the case',
        laws.decide,
        'calendar_day',
        90,
        dateOf(dayOf(today) - 20 - n),
        { extension: 30 },
      ),
    ],
  ],
  (n) => [
    'testing',
    [
      clock(
        'CASE.DECIDE',
        '作出处理决定',
        'Decide the case',
        laws.decide,
        'calendar_day',
        90,
        dateOf(dayOf(today) - 40 - n),
        { pauses: [{ from: dateOf(dayOf(today) - 6 - n), to: null }], extension: 30 },
      ),
    ],
  ],
  (n) => [
    'review',
    [
      clock(
        'CASE.REVIEW',
        '法制审核',
        'Legal review',
        laws.panel,
        'working_day',
        10,
        dateOf(dayOf(today) - 4 - (n % 4)),
      ),
    ],
  ],
  (n) => [
    'decided',
    [
      clock(
        'CASE.SERVE',
        '送达决定书',
        'Serve the decision',
        laws.close,
        'working_day',
        7,
        dateOf(dayOf(today) - 4),
      ),
    ],
  ],
  () => ['closed', []],
]
export const rows = Array.from({ length: 148 }, (_, i) => {
  const [stateId, clocks] = kinds[i % 16 === 0 ? 0 : 1 + (i % 7)](i % 9)
  const cause = causes[i % causes.length]
  const shop = shops[i % shops.length]
  const state = states[stateId]
  return {
    seq: 1000 + i * 31,
    id: `hy-2025-case-${String(i + 1).padStart(5, '0')}`,
    title: `${shop}${cause[0]}案`,
    procedure: named('penalty_case', '行政处罚案件', 'Penalty case'),
    state,
    organisation: organisation(units[i % units.length].id),
    operator: { id: `op-${String((i % shops.length) + 1).padStart(5, '0')}`, name: shop },
    category: i % 6 === 5 ? named('device', '医疗器械', 'Medical device') : named('drug', '药品', 'Drug'),
    campaign: i < 93 ? campaign : null,
    opened_on: dateOf(dayOf('2025-01-03') + i),
    closed_on: state.terminal ? '2025-06-20' : null,
    open: !state.terminal,
    updated_on: dateOf(dayOf(today) - (i % 30)),
    version: 48000 + i,
    officers: [person(people[i % 2].id)],
    clock: clocks[0] ?? null,
    restricted: i === 60,
  }
})
rows[2] = {
  ...rows[2],
  title: '衡阳澄和堂大药房连锁有限公司珠晖二店从非法渠道购进药品案',
  officers: [person('p-licheng'), person('p-zhoupei')],
  state: states.informed,
  campaign,
  opened_on: '2025-04-21',
  clock: clock(
    'CASE.HEAR',
    '陈述申辩、要求听证',
    'Statement, defence, hearing',
    laws.hear,
    'working_day',
    5,
    '2025-07-01',
  ),
}

const role = named('officer', '执法人员', 'Officer')
const attribute = (id, zh, en, type, value, texts) => ({
  id,
  zh,
  en,
  type,
  value,
  ...(texts ? { texts } : {}),
})
const doc = (id, zh, en) => named(id, zh, en)
const change = (limit, zh, en, what, value = 0, kind = '') => ({
  limit,
  zh,
  en,
  change: what,
  value,
  unit: kind,
})
function fact(seq, on, step, to, more = {}) {
  return {
    seq,
    kind: 'step_taken',
    happened_on: on,
    recorded_at: `${on}T02:20:00Z`,
    actor: person('p-licheng'),
    organisation: organisation('hengyang_bureau'),
    step,
    to,
    role,
    officers: [],
    form: [],
    documents: [],
    evidence: [],
    clocks: [],
    reason: '',
    voids: null,
    voided_by: null,
    digest: digest('fact' + seq),
    ...more,
  }
}
export function dossier(id) {
  const found = rows.find((one) => one.id === id)
  if (!found || found.restricted) return null
  const both = [person('p-licheng'), person('p-zhoupei')]
  const timeline = [
    {
      ...fact(found.seq, found.opened_on, null, null),
      kind: 'dossier_opened',
      form: [
        attribute('source', '来源', 'Source', 'word', 'complaint', [named('complaint', '举报', 'Complaint')]),
      ],
    },
    fact(found.seq + 2, '2025-04-21', named('file', '立案', 'File the case'), states.investigating, {
      actor: person('p-tangting'),
      role: named('head_of_authority', '负责人', 'Head of authority'),
      documents: [doc('penalty_07', '立案审批表', 'Filing approval')],
      clocks: [change('CASE.DECIDE', '作出处理决定', 'Decide the case', 'start', 90, 'calendar_day')],
    }),
    fact(found.seq + 5, '2025-04-22', named('seize', '扣押', 'Seize'), null, {
      officers: both,
      documents: [doc('penalty_19', '实施行政强制措施决定书', 'Compulsory measure decision')],
      form: [attribute('amount', '货值', 'Value', 'money', 1864000)],
      clocks: [change('SEIZE.KEEP', '扣押', 'Seizure', 'start', 30, 'calendar_day')],
    }),
    fact(found.seq + 9, '2025-05-06', named('refusal', '拒绝提供票据', 'Papers refused'), null, {
      officers: both,
      voided_by: found.seq + 11,
    }),
    {
      ...fact(found.seq + 11, '2025-05-07', null, null),
      kind: 'fact_voided',
      voids: found.seq + 9,
      reason: '误录：当事人当日补交了票据',
    },
    fact(found.seq + 14, '2025-05-08', named('send_sample', '送检', 'Send for testing'), null, {
      clocks: [change('CASE.DECIDE', '作出处理决定', 'Decide the case', 'suspend')],
    }),
    fact(found.seq + 21, '2025-05-30', named('receive_result', '收到检验结论', 'Result received'), null, {
      documents: [doc('penalty_33', '检验结果告知书', 'Notice of test result')],
      clocks: [change('CASE.DECIDE', '作出处理决定', 'Decide the case', 'resume')],
    }),
    fact(found.seq + 30, '2025-06-05', named('extend_seizure', '延长扣押', 'Extend the seizure'), null, {
      actor: person('p-tangting'),
      documents: [doc('penalty_21', '延长行政强制措施期限决定书', 'Extension decision')],
      clocks: [change('SEIZE.KEEP', '扣押', 'Seizure', 'extend', 30, 'calendar_day')],
    }),
    fact(found.seq + 41, '2025-06-24', named('review', '法制审核', 'Legal review'), states.review, {
      actor: person('p-heming'),
      role: named('legal_reviewer', '法制审核', 'Legal reviewer'),
      documents: [doc('penalty_35', '案件审核表', 'Case review form')],
    }),
    fact(
      found.seq + 52,
      '2025-07-01',
      named('inform', '行政处罚告知', 'Inform of the penalty'),
      states.informed,
      {
        officers: both,
        documents: [doc('penalty_36', '行政处罚告知书', 'Penalty notice')],
        clocks: [
          change('CASE.HEAR', '陈述申辩、要求听证', 'Statement, defence, hearing', 'start', 5, 'working_day'),
        ],
      },
    ),
  ]
  const rich = found.id === rows[2].id
  const clocks = rich
    ? [
        found.clock,
        clock('SEIZE.KEEP', '扣押', 'Seizure', laws.seize, 'calendar_day', 30, '2025-04-22', {
          extended: 30,
          pauses: [{ from: '2025-05-08', to: '2025-05-30' }],
        }),
        clock(
          'CASE.DECIDE',
          '作出处理决定',
          'Decide the case',
          laws.decide,
          'calendar_day',
          90,
          '2025-04-21',
          { extension: 30, pauses: [{ from: '2025-05-08', to: '2025-05-30' }] },
        ),
        clock(
          'CASE.LEAD_VERIFY',
          '核查线索',
          'Verify the lead',
          laws.verify,
          'working_day',
          15,
          '2025-04-10',
          { stopped: '2025-04-21' },
        ),
      ]
    : found.clock
      ? [found.clock]
      : []
  return {
    ...found,
    law_on: found.opened_on,
    clocks,
    attributes: [
      attribute('source', '来源', 'Source', 'word', 'complaint', [named('complaint', '举报', 'Complaint')]),
      attribute(
        'facts',
        '认定事实',
        'Facts found',
        'long_text',
        '2025 年 3 月 29 日至 4 月 18 日，当事人从个人手中购进盐酸二甲双胍缓释片等 6 个品种 214 盒并上架销售，不能提供供货方《药品经营许可证》和随货同行单。',
      ),
      attribute('violates', '违反', 'Violates', 'word', 'DAL 55', [
        named('DAL 55', '《药品管理法》第55条', 'Drug Administration Law, art. 55'),
      ]),
      attribute('amount', '货值', 'Value', 'money', 1864000),
      attribute('proposed_fine', '拟罚款', 'Proposed fine', 'money', 15000000),
      { ...attribute('seller', '售药人', 'Seller', 'personal', ''), erased: true },
    ],
    people: [
      { person: person('p-licheng'), part: 'officer', roles: [role], steps: [] },
      { person: person('p-zhoupei'), part: 'officer', roles: [role], steps: [] },
      {
        person: person('p-heming'),
        part: 'actor',
        roles: [named('legal_reviewer', '法制审核', 'Legal reviewer')],
        steps: [],
      },
      {
        person: person('p-tangting'),
        part: 'approver',
        roles: [named('head_of_authority', '负责人', 'Head of authority')],
        steps: [],
      },
    ],
    documents: timeline.flatMap((one) =>
      one.documents.map((document) => ({
        ...document,
        step: one.step,
        seq: one.seq,
        drawn_on: one.happened_on,
      })),
    ),
    links: rich
      ? [
          {
            direction: 'from',
            dossier: rows[9].id,
            title: '澄和堂大药房珠晖二店监督检查',
            procedure: named('inspection', '监督检查', 'Inspection'),
            state: states.done,
            opened_on: '2025-04-09',
            source_fact: 880,
            restricted: false,
          },
          {
            direction: 'to',
            dossier: rows[12].id,
            title: '医保线索：重复结算',
            procedure: named('lead_transfer', '线索移送', 'Lead transfer'),
            state: states.done,
            opened_on: '2025-06-11',
            source_fact: null,
            restricted: false,
          },
        ]
      : [],
    timeline,
    figures: [
      { report: 'mid_year', period: '2025-H1', figure: named('cases', '行政立案', 'Cases filed') },
      ...(found.campaign
        ? [
            {
              report: 'mid_year',
              period: '2025-H1',
              figure: named('qingyuan_cases', '清源行动立案', 'Campaign cases'),
            },
          ]
        : []),
    ],
  }
}

const field = (id, zh, en, type, required, more = {}) => ({
  id,
  zh,
  en,
  type,
  vocabulary: '',
  required,
  ...more,
})
const offer = (step, zh, en, more = {}) => ({
  step,
  zh,
  en,
  refusal: null,
  needs: [],
  form: [],
  officers: 0,
  by: [role],
  to: null,
  law: [],
  documents: [],
  clocks: [],
  opens: null,
  approval: null,
  automatic: false,
  ...more,
})
const refusal = (code, titleZh, titleEn, zh, en, law, more = {}) => ({
  code,
  title: { zh: titleZh, en: titleEn },
  message: { zh, en },
  where: '',
  law: [law],
  next: { zh: '', en: '' },
  next_step: null,
  not_before: null,
  ...more,
})
export function offers(id, by) {
  const found = rows.find((one) => one.id === id)
  if (!found || found.restricted) return null
  const who = people.find((one) => one.id === by) ?? people[0]
  const steps = found.open
    ? [
        offer('record_statement', '登记陈述申辩', 'Record the statement', {
          law: [laws.say],
          needs: [
            { zh: '应当复核；不得因申辩加重处罚', en: 'must be considered; no heavier penalty for it' },
          ],
          form: [
            field('statement', '陈述申辩内容', 'Statement', 'long_text', true),
            field('accepted', '是否采纳', 'Accepted', 'boolean', true),
            field('grounds', '理由类别', 'Grounds', 'words', false, {
              vocabulary: 'statement_grounds',
              words: [
                named('fact', '事实', 'Facts'),
                named('law', '法律适用', 'Law'),
                named('amount', '处罚幅度', 'Amount'),
              ],
            }),
            field('new_fine', '复核后的罚款', 'Fine after review', 'money', false),
            field('received_at', '收到时间', 'Received at', 'instant', false),
          ],
        }),
        offer('waive', '登记书面放弃', 'Record the waiver', {
          law: [laws.hear],
          officers: 2,
          needs: [{ zh: '须有当事人签字的书面材料', en: 'a paper signed by the party' }],
          form: [field('waived_on', '放弃日期', 'Waived on', 'date', true)],
          documents: [doc('penalty_40', '陈述申辩笔录', 'Record of statement')],
          clocks: [change('CASE.HEAR', '陈述申辩、要求听证', 'Statement, defence, hearing', 'stop')],
        }),
        offer('decide', '作出行政处罚决定', 'Decide the penalty', {
          law: [laws.wait],
          to: states.decided,
          refusal: refusal(
            'too_early',
            '期限未到',
            'too early',
            '陈述申辩期还剩 2 个工作日，当事人没有放弃',
            'two working days of the period for a statement are left and the party has not waived it',
            laws.wait,
            {
              next: { zh: '登记书面放弃，或等到期满', en: 'record a waiver, or wait' },
              next_step: 'waive',
              not_before: '2025-07-09',
            },
          ),
        }),
        offer('panel', '提请集体讨论', 'Ask the panel', {
          law: [laws.panel],
          refusal: refusal(
            'too_early',
            '期限未到',
            'too early',
            '听证权利尚未了结',
            'the right to a hearing has not ended',
            laws.panel,
            { not_before: '2025-07-09', next: { zh: '期满后再提请', en: 'ask after the period' } },
          ),
        }),
        offer('remit', '减轻处罚', 'Mitigate', {
          law: [laws.say],
          approval: named('head_of_authority', '负责人', 'head of authority'),
          form: [field('reason', '理由', 'Reason', 'long_text', true)],
          refusal: refusal(
            'approval_missing',
            '缺少批准',
            'an approval is missing',
            '须经负责人批准同一份表',
            'the head of authority must approve the same form',
            laws.say,
          ),
        }),
        offer('refer', '移送公安机关', 'Refer to the police', {
          law: [laws.refer],
          refusal: refusal(
            'officers_too_few',
            '执法人员不足',
            'too few officers',
            '没有指定专案人员，须 2 名以上',
            'no task group named; at least two people',
            laws.refer,
            { next: { zh: '由负责人指定 2 名以上人员', en: 'the head names at least two people' } },
          ),
        }),
        offer('expire', '期满自动视为放弃', 'Right lapses', {
          law: [laws.hear],
          automatic: true,
          refusal: refusal(
            'too_early',
            '期限未到',
            'too early',
            '期限 7 月 8 日届满',
            'the period ends on 8 July',
            laws.hear,
            { not_before: '2025-07-09' },
          ),
        }),
      ]
    : []
  return {
    dossier: id,
    version: found.version,
    by: { id: who.id, name: who.name, organisation: who.organisation, roles: who.roles },
    state: found.state,
    steps,
  }
}

export function procedure(id) {
  const known = procedures.find((one) => one.id === id)
  if (!known) return null
  const guard = (word, zh, en) => ({ word, text: word, zh, en })
  return {
    id,
    zh: known.zh,
    en: known.en,
    unit: known.unit,
    prefix: 'case',
    law: [laws.verify],
    verified: true,
    note: '',
    from: '2021-07-15',
    to: null,
    states: Object.values(states),
    initial: ['lead'],
    open_by: [role],
    form: [field('note', '情况说明', 'Note', 'long_text', true)],
    steps: [
      {
        id: 'file',
        zh: '立案',
        en: 'File the case',
        from: ['lead'],
        to: 'investigating',
        by: [named('head_of_authority', '负责人', 'Head of authority')],
        guard: [guard('officers(2)', '须有2名以上执法人员', 'at least 2 officers')],
        why: '',
        open_point: '',
        form: [],
        clocks: [],
        documents: [],
        law: [laws.verify],
        opens: '',
        automatic: false,
      },
      {
        id: 'close',
        zh: '结案',
        en: 'Close',
        from: ['decided'],
        to: 'closed',
        by: [role],
        guard: [],
        why: '无须条件',
        open_point: '',
        form: [],
        clocks: [],
        documents: [],
        law: [laws.close],
        opens: '',
        automatic: false,
      },
    ],
  }
}
export function limit(id) {
  const clocks = rows.flatMap((one) => dossier(one.id)?.clocks ?? [])
  const known = clocks.find((one) => one.limit === id)
  if (!known) return null
  return {
    id,
    procedure: named('penalty_case', '行政处罚案件', 'Penalty case'),
    step: { zh: known.zh, en: known.en },
    actor: { zh: '办案机构', en: 'case unit' },
    start_event: { zh: '立案之日', en: 'case filed' },
    kind: 'due',
    value: String(known.budget),
    unit: known.unit,
    ext_value: String(known.extension),
    ext_unit: known.unit,
    ext_by: { zh: '机关负责人', en: 'head of authority' },
    excluded_time: { zh: '检测、检验、检疫、鉴定期间', en: 'testing, inspection, quarantine, identification' },
    citation: known.law,
    verified: known.verified,
    basis: 'text',
    note: { zh: '', en: '' },
    from: '2021-07-15',
    to: null,
  }
}
export const operator = (id) => ({
  id,
  name: shops[(Number(id.slice(3)) - 1) % shops.length] ?? id,
  kind: named('chain_store', '连锁门店', 'Chain store'),
  uscc: '91430405MA4L00001A',
  headquarters: { id: 'op-00099', name: '衡阳澄和堂大药房连锁有限公司' },
  region: named('430405', '珠晖区', 'Zhuhui'),
  organisation: organisation('zhuhui'),
  address: '示例路 1 号',
  representative: '陈**',
  licences: [
    {
      id: '湘CB7340001',
      kind: named('drug_retail', '药品经营许可证', 'Drug retail licence'),
      scopes: [],
      status: 'valid',
      from: '2022-03-15',
      to: '2027-03-14',
    },
  ],
  dossiers: rows.filter((one) => one.operator?.id === id).length,
})
