// An invented report whose numbers open to exactly that many members.

import { rows } from './dossiers.mjs'
import {
  campaign,
  causes,
  dateOf,
  dayOf,
  digest,
  named,
  now,
  organisation,
  person,
  shops,
  stream,
  today,
  unit,
  units,
} from './names.mjs'

const figureRows = [
  [
    'inspections',
    '监督检查',
    'Inspections',
    'visit',
    2918,
    2731,
    0,
    '同一家查两次计两家次',
    'one operator visited twice counts twice',
  ],
  [
    'findings',
    '发现问题',
    'Findings',
    'finding',
    1014,
    1102,
    0,
    '一条检查结论计一个',
    'one conclusion, one finding',
  ],
  [
    'rectification_orders',
    '责令改正',
    'Rectification orders',
    'order',
    535,
    561,
    0,
    '按文书份数计',
    'counted by document',
  ],
  [
    'interviews',
    '责任约谈',
    'Interviews',
    'meeting',
    59,
    47,
    0,
    '集体约谈计一次',
    'a collective interview counts once',
  ],
  ['cases', '行政立案', 'Cases filed', 'case', 148, 131, 0, '以立案日期为准', 'by the date of filing'],
  ['qingyuan_inspections', '清源行动检查', 'Qingyuan campaign inspections', 'visit', 545, null, 1, '', ''],
  [
    'qingyuan_inspected_entities',
    '清源行动被查单位',
    'Qingyuan campaign inspected entities',
    'entity',
    487,
    null,
    1,
    '',
    '',
  ],
  [
    'qingyuan_noncompliant_entities',
    '清源行动不合规',
    'Qingyuan campaign non-compliant',
    'entity',
    182,
    null,
    1,
    '',
    '',
  ],
  [
    'qingyuan_rectified_entities',
    '清源行动完成整改',
    'Qingyuan campaign rectified',
    'entity',
    144,
    null,
    1,
    '',
    '',
  ],
  ['qingyuan_cases', '清源行动立案', 'Qingyuan campaign cases', 'case', 93, null, 1, '', ''],
  [
    'qingyuan_referrals_public_security',
    '清源行动移送公安',
    'Qingyuan campaign referrals to public security',
    'case',
    1,
    null,
    1,
    '',
    '',
  ],
  [
    'qingyuan_leads_medical_insurance',
    '清源行动移送医保',
    'Qingyuan campaign leads to medical insurance',
    'lead',
    1,
    null,
    1,
    '',
    '',
  ],
  ['open_findings_before', '期初未销号问题', 'Findings open at the start', 'finding', 126, null, 0, '', ''],
  ['closed_findings', '本期销号问题', 'Findings closed', 'finding', 968, null, 0, '', ''],
  ['open_findings', '期末未销号问题', 'Findings open at the end', 'finding', 172, null, 0, '', ''],
  ['overdue_findings', '逾期问题', 'Findings overdue', 'finding', 19, null, 0, '', ''],
]
const entityFigures = new Set(figureRows.filter((row) => row[3] === 'entity').map((row) => row[0]))
const listed = figureRows.slice(0, 12).map((row) => row[0])

/** Splits a whole over the units, largest remainder first; the same every time. */
function split(total, seed) {
  const next = stream(seed)
  const weights = units.map(() => 0.5 + next())
  const sum = weights.reduce((a, b) => a + b)
  const shares = weights.map((weight) => Math.floor((total * weight) / sum))
  for (let i = 0; shares.reduce((a, b) => a + b) < total; i = (i + 1) % shares.length) shares[i] += 1
  return shares
}
const shares = Object.fromEntries(figureRows.map((row, index) => [row[0], split(row[4], index + 11)]))
// the end of the carry-over follows from the other three columns, unit by unit
shares.open_findings = shares.open_findings_before.map(
  (n, i) => n + shares.findings[i] - shares.closed_findings[i],
)
for (let i = 0; i < shares.open_findings.length; i += 1) {
  while (shares.open_findings[i] < 0) {
    const from = shares.open_findings.indexOf(Math.max(...shares.open_findings))
    shares.closed_findings[i] -= 1
    shares.open_findings[i] += 1
    shares.closed_findings[from] += 1
    shares.open_findings[from] -= 1
  }
}
shares.overdue_findings = shares.overdue_findings.map((n, i) => Math.min(n, shares.open_findings[i]))
const overdueTotal = shares.overdue_findings.reduce((a, b) => a + b)
figureRows.find((row) => row[0] === 'overdue_findings')[4] = overdueTotal

const ratio = (a, b) => (b === 0 ? '' : (Math.round((a / b) * 1e6) / 1e6).toFixed(6))
const divisions = {
  rectification_orders: [['findings', 'rate', 100]],
  qingyuan_noncompliant_entities: [['qingyuan_inspected_entities', 'share', 1]],
  qingyuan_cases: [['cases', 'share', 1]],
}
const row = (id) => figureRows.find((one) => one[0] === id)
const same = named('', '口径一致', 'same definition')
const absent = named('', '上年无此行动', 'no such campaign a year earlier')

export function valueOf(figure, org, period) {
  const one = row(figure)
  if (!one) return null
  const index = units.findIndex((other) => other.id === org)
  if (period !== '2025-H1') return one[5] === null ? 0 : index < 0 ? one[5] : split(one[5], 77)[index]
  return index < 0 ? one[4] : shares[figure][index]
}

function figure(id, org) {
  const [, zh, en, unitId, , base, ofCampaign, noteZh, noteEn] = row(id)
  const value = valueOf(id, org, '2025-H1')
  const before = base === null ? null : valueOf(id, org, '2024-H1')
  const denominators = (divisions[id] ?? []).map(([other, kind, per]) => ({
    figure: other,
    zh: row(other)[1],
    en: row(other)[2],
    value: valueOf(other, org, '2025-H1'),
    unit: unit[row(other)[3]],
    kind,
    per,
    quotient: ratio(value, valueOf(other, org, '2025-H1')),
  }))
  return {
    id,
    zh,
    en,
    kind: 'derived',
    unit: unit[unitId],
    value,
    campaign: ofCampaign ? campaign : null,
    question: { zh: `本期${zh}多少？`, en: `How many: ${en}?` },
    notes: noteZh ? [{ zh: noteZh, en: noteEn }] : [],
    ...(denominators[0] ? { denominator: denominators[0] } : {}),
    denominators,
    parts:
      id === 'cases' && org === 'hengyang'
        ? [
            { dimension: 'category', ...named('drug', '药品', 'Drug'), value: 112 },
            { dimension: 'category', ...named('device', '器械', 'Device'), value: 24 },
            { dimension: 'category', ...named('cosmetic', '化妆品', 'Cosmetic'), value: 12 },
          ]
        : [],
    previous: {
      period: '2024-H1',
      value: before,
      change: before === null ? null : value - before,
      change_rate: before ? ratio(value - before, before) : null,
      comparable: before !== null,
      comparability: before === null ? absent : same,
      members_root: before === null ? null : digest(id + '2024'),
    },
    members: entityFigures.has(id) ? 'entity' : 'fact',
    members_root: digest(id + org),
  }
}
/** A ratio shows its numerator as value and both numbers beside the quotient. */
function ratios(org) {
  return [
    [
      'findings_per_inspection',
      '每家次发现问题',
      'Findings per inspection',
      'findings',
      'inspections',
      'rate',
    ],
    [
      'qingyuan_completion',
      '清源行动整改完成率',
      'Qingyuan campaign completion',
      'qingyuan_rectified_entities',
      'qingyuan_noncompliant_entities',
      'share',
    ],
  ].map(([id, zh, en, above, below, kind]) => {
    const [over, under] = [valueOf(above, org, '2025-H1'), valueOf(below, org, '2025-H1')]
    const base = {
      figure: below,
      zh: row(below)[1],
      en: row(below)[2],
      value: under,
      unit: unit[row(below)[3]],
      kind,
      per: 1,
      quotient: ratio(over, under),
    }
    return {
      id,
      zh,
      en,
      kind: 'derived',
      fold: 'ratio',
      numerator: above,
      unit: kind === 'share' ? unit.share : named('finding_per_visit', '个/家次', 'findings per visit'),
      value: over,
      campaign: id.startsWith('qingyuan') ? campaign : null,
      question: { zh, en },
      notes: [{ zh: '两数相除，同时列出。', en: 'One divided by the other; both are shown.' }],
      denominators: [base],
      members_root: digest(id + org),
    }
  })
}
const reported = [
  [
    'national_cases',
    '全国查办药品案件',
    'Cases handled nationwide',
    'case',
    153600,
    'cn',
    '全国',
    'China',
    '2022',
    true,
    '国家药监局新闻发布会，2023-02',
  ],
  [
    'national_cases_change',
    '较上年增长',
    'Change on the year',
    'share',
    0.1765,
    'cn',
    '全国',
    'China',
    '2022',
    false,
    '国家药监局新闻发布会，2023-02；基数 2021 年',
  ],
  [
    'xinjiang_grade_b',
    'B 级以上占比',
    'At grade B or above',
    'share',
    0.9665,
    'xinjiang',
    '新疆',
    'Xinjiang',
    '2024',
    false,
    '中国医药报，2025-03',
  ],
  [
    'xinjiang_facts',
    '归集信用信息',
    'Credit records gathered',
    'person',
    23000000,
    'xinjiang',
    '新疆',
    'Xinjiang',
    '2024',
    true,
    '中国医药报，2025-03',
  ],
].map(([id, zh, en, unitId, value, org, orgZh, orgEn, period, approximate, source], index) => ({
  id,
  zh,
  en,
  kind: 'reported',
  unit: unit[unitId],
  value,
  campaign: null,
  question: { zh, en },
  notes: [],
  denominators: [],
  approximate,
  source,
  reported_as_of: period,
  period,
  organisation: named(org, orgZh, orgEn),
  seq: 40 + index,
}))
const note = (headZh, headEn, zh, en) => ({ head: { zh: headZh, en: headEn }, text: { zh, en } })

export function report(org) {
  const figures = figureRows.map((one) => figure(one[0], org))
  const whole = org === 'hengyang'
  const rows = whole ? units : units.filter((one) => one.id === org)
  const value = (id) => valueOf(id, org, '2025-H1')
  const carry = (one) => {
    const at = (id) => (one ? valueOf(id, one.id, '2025-H1') : value(id))
    const [opening, added, closed, ending] = [
      at('open_findings_before'),
      at('findings'),
      at('closed_findings'),
      at('open_findings'),
    ]
    return {
      org: !one || one.own ? org : one.id,
      own: one?.own ?? false,
      zh: one?.zh ?? '',
      en: one?.en ?? '',
      opening,
      added,
      closed,
      ending,
      overdue: at('overdue_findings'),
      holds: opening + added - closed === ending,
    }
  }
  const term = (id, sign = 1) => ({ figure: id, zh: row(id)[1], en: row(id)[2], sign, value: value(id) })
  const outstanding = value('qingyuan_noncompliant_entities') - value('qingyuan_rectified_entities')
  return {
    report: 'mid_year',
    org,
    period: '2025-H1',
    as_of: { seq: 48213, date: today },
    title: {
      zh: '2025 年上半年两品一械安全风险会商报告',
      en: 'Mid-year report on the safety of drugs, devices and cosmetics, first half of 2025',
    },
    organisation: organisation(org),
    period_from: '2025-01-01',
    period_to: '2025-06-30',
    state: 'frozen',
    moves: [
      {
        step: 'freeze',
        seq: 48213,
        happened_on: '2025-07-01',
        actor: person('p-tangting'),
        as_of: 48210,
        reason: '',
      },
    ],
    computed_at: now,
    sample_data: true,
    law_digest: digest('law'),
    sections: [
      {
        id: 'headline',
        kind: 'headline',
        zh: '主要数字',
        en: 'Main figures',
        figures: listed.slice(0, 5),
        by_unit: true,
        year_on_year: true,
        notes: [],
      },
      {
        id: 'carry',
        kind: 'carry_over',
        zh: '2024 年下半年问题整改',
        en: 'Findings carried over from the second half of 2024',
        figures: ['open_findings_before', 'findings', 'closed_findings', 'open_findings', 'overdue_findings'],
        notes: [
          note(
            '问题',
            'Finding',
            '一条检查结论对应一个问题，按条款计。复查后仍不符合的不另计。',
            'One conclusion is one finding, by article. A failed re-inspection adds none.',
          ),
          note(
            '销号',
            'Closed',
            '复查合格或企业提交证据经核实。责令改正书发出不等于销号。',
            'Verified by re-inspection or evidence. Issuing an order closes nothing.',
          ),
        ],
      },
      {
        id: 'breakdown',
        kind: 'figures',
        zh: '分类情况',
        en: 'In detail',
        figures: ['closed_findings', 'open_findings', 'findings_per_inspection'],
        notes: [],
      },
      {
        id: 'campaign',
        kind: 'campaign',
        zh: '清源行动进度',
        en: 'Progress of the Qingyuan campaign',
        figures: [...listed.slice(5), 'qingyuan_completion'],
        by_unit: true,
        year_on_year: true,
        notes: [
          note(
            '为什么不是漏斗',
            'Why no funnel',
            '家次、家、件、条是不同的单位，93 件不是 144 家的一部分。条形只在同一单位内比较。',
            'Visits, entities, cases and leads are unlike units. Bars compare within one unit only.',
          ),
        ],
      },
      {
        id: 'reported',
        kind: 'reported',
        zh: '引用数字',
        en: 'Figures reported by others',
        figures: reported.map((one) => one.id),
        notes: [
          note(
            '引用',
            'Reported',
            '照原样刊印，不与本市推算的数字相加。',
            'Printed as published, never added to derived figures.',
          ),
        ],
      },
    ],
    figures: [...figures, ...ratios(org), ...reported],
    identities: [
      {
        id: 'carry',
        zh: '问题结转',
        en: 'Carry-over',
        kind: 'equation',
        holds: true,
        left: term('open_findings'),
        right: [term('open_findings_before'), term('findings'), term('closed_findings', -1)],
        gap: 0,
        missing: [],
      },
      {
        id: 'units_sum',
        zh: '分单位合计',
        en: 'Units sum to the whole',
        kind: 'children',
        holds: true,
        left: term('inspections'),
        right: [
          { figure: '', zh: '各单位之和', en: 'sum of the units', sign: 1, value: value('inspections') },
        ],
        gap: 0,
        missing: [],
      },
      {
        id: 'rectified',
        zh: '不合规单位去向',
        en: 'Non-compliant entities',
        kind: 'equation',
        holds: true,
        left: term('qingyuan_noncompliant_entities'),
        right: [
          term('qingyuan_rectified_entities'),
          { figure: '', zh: '未完成整改', en: 'outstanding', sign: 1, value: outstanding },
        ],
        gap: 0,
        missing: [],
      },
      {
        id: 'overlap',
        zh: '清源立案与全部立案',
        en: 'Campaign cases and all cases',
        kind: 'overlap',
        holds: true,
        left: { figure: '', zh: '两者相交', en: 'in both', sign: 1, value: value('qingyuan_cases') },
        right: [term('qingyuan_cases'), term('cases')],
        gap: 0,
        missing: [],
      },
    ],
    by_unit: rows.map((one) => ({
      org: one.own ? org : one.id,
      zh: one.zh,
      en: one.en,
      reports: one.reports,
      own: one.own,
      values: Object.fromEntries(figureRows.map(([id]) => [id, valueOf(id, one.id, '2025-H1')])),
    })),
    carry_over: [
      {
        id: 'findings_ledger',
        zh: '期初未销号 + 本期新发现 − 本期销号 = 期末未销号',
        en: 'open at the start + new − closed = open at the end',
        unit: unit.finding,
        figures: {
          opening: 'open_findings_before',
          added: 'findings',
          closed: 'closed_findings',
          ending: 'open_findings',
          overdue: 'overdue_findings',
        },
        total: carry(null),
        rows: rows.map(carry),
      },
    ],
    members_root: digest('report' + org),
  }
}

export function members(figureId, org, period, from, limit) {
  const total = valueOf(figureId, org, period)
  const [, zh, en, unitId] = row(figureId)
  const next = stream(total + figureId.length)
  const items = []
  for (let i = 0; i < total; i += 1) {
    const shop = shops[Math.floor(next() * shops.length)]
    const cause = causes[Math.floor(next() * causes.length)]
    const owner = org === 'hengyang' ? units[Math.floor(next() * units.length)].id : org
    const skew = next()
    if (i < from || i >= from + limit) continue
    const restricted = i % 97 === 41
    items.push({
      seq: entityFigures.has(figureId) ? 0 : 100 + i * 7,
      record_id: restricted ? '' : `hy-2025-rec-${String(i + 1).padStart(5, '0')}`,
      ...(entityFigures.has(figureId) ? { entity_id: `op-${String(i + 1).padStart(5, '0')}` } : {}),
      dossier: restricted ? '' : rows[i % rows.length].id,
      title: restricted ? '' : `${shop} ${cause[0]}`,
      happened_on: dateOf(
        dayOf('2025-01-01') + Math.floor((i / Math.max(1, total)) * 180) + Math.floor(skew),
      ),
      organisation: organisation(owner),
      restricted,
    })
  }
  return {
    report: 'mid_year',
    figure: named(figureId, zh, en),
    unit: unit[unitId],
    org,
    organisation: organisation(org),
    period,
    as_of: { seq: 48213, date: today },
    members: entityFigures.has(figureId) ? 'entity' : 'fact',
    total,
    members_root: digest(figureId + org + period),
    command: `qingyuan report mid_year --org ${org} --period ${period} --as-of 48213 --members ${figureId}`,
    items,
    next: from + limit < total ? String(from + limit) : null,
  }
}
