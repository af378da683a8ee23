// Invented data for developing and testing the desk without the server: a city, its units, a report whose numbers open to exactly
// that many members, dossiers with every kind of clock. Nothing here is real, and nothing here reaches the product.

const named = (id, zh, en) => ({ id, zh, en })
export const today = '2025-07-05'
export const now = '2025-07-05T01:14:00Z'
const dayOf = (date) => Date.parse(date + 'T00:00:00Z') / 86_400_000
const dateOf = (day) => new Date(day * 86_400_000).toISOString().slice(0, 10)

/** A repeatable stream of numbers in [0, 1). */
function stream(seed) {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 4294967296
  }
}
export function digest(text) {
  const next = stream([...text].reduce((sum, c) => (Math.imul(sum, 31) + c.charCodeAt(0)) >>> 0, 7))
  return Array.from({ length: 64 }, () => '0123456789abcdef'[Math.floor(next() * 16)]).join('')
}

export const organisations = [
  ['hengyang', '衡阳市市场监督管理局', 'Hengyang Market Regulator', null, 0],
  ['hengyang_bureau', '市本级', 'City bureau', 'hengyang', 1],
  ...[['hengyang_county', '衡阳县', 'Hengyang County', 1], ['leiyang', '耒阳市', 'Leiyang', 1], ['qidong', '祁东县', 'Qidong', 1],
    ['zhuhui', '珠晖区', 'Zhuhui', 1], ['zhengxiang', '蒸湘区', 'Zhengxiang', 1], ['shigu', '石鼓区', 'Shigu', 1],
    ['hengnan', '衡南县', 'Hengnan', 0], ['hengshan', '衡山县', 'Hengshan', 0], ['hengdong', '衡东县', 'Hengdong', 0],
    ['changning', '常宁市', 'Changning', 0], ['yanfeng', '雁峰区', 'Yanfeng', 0], ['nanyue', '南岳区', 'Nanyue', 0],
  ].map(([id, zh, en, reports]) => [id, zh, en, 'hengyang', reports]),
].map(([id, zh, en, parent, reports]) => ({
  id, zh, en, parent, reports: reports === 1 && id !== 'hengyang_bureau', department: named('market_regulator', '市场监管', 'Market regulation'),
  level: parent ? 'county' : 'city', region: '', kind: 'authority', from: '2019-01-01', ended_on: null, successor: null,
}))
export const units = organisations.filter((one) => one.parent)

export const people = [
  ['p-licheng', '李承砚', 'hengyang_bureau', 'officer', '执法人员', 'Officer'], ['p-zhoupei', '周沛', 'hengyang_bureau', 'officer', '执法人员', 'Officer'],
  ['p-heming', '何明屿', 'hengyang_bureau', 'legal_reviewer', '法制审核', 'Legal reviewer'],
  ['p-tangting', '唐汀', 'hengyang', 'head_of_authority', '负责人', 'Head of authority'],
  ['p-xiezhi', '谢知行', 'leiyang', 'officer', '执法人员', 'Officer'], ['p-zouting', '邹汀兰', 'qidong', 'officer', '执法人员', 'Officer'],
].map(([id, name, org, role, zh, en]) => ({
  id, name, organisation: organisation(org), roles: [named(role, zh, en)], certificate: 'HN-' + id, certificate_to: '2027-12-31',
  qualified: role === 'officer',
}))
export function organisation(id) {
  const one = organisations.find((other) => other.id === id)
  return named(id, one?.zh ?? id, one?.en ?? id)
}
export const person = (id) => ({ id, name: people.find((one) => one.id === id)?.name ?? null })

const unit = {
  visit: named('visit', '家次', 'visits'), finding: named('finding', '个', 'findings'), order: named('order', '份', 'orders'),
  meeting: named('meeting', '次', 'interviews'), case: named('case', '件', 'cases'), entity: named('entity', '家', 'entities'),
  lead: named('lead', '条', 'leads'), person: named('person', '人', 'people'), percent: named('percent', '%', '%'),
}
export const campaign = named('qingyuan', '清源行动', 'Qingyuan campaign')
const figureRows = [
  ['inspections', '监督检查', 'Inspections', 'visit', 2918, 2731, 0, '同一家查两次计两家次', 'one operator visited twice counts twice'],
  ['findings', '发现问题', 'Findings', 'finding', 1014, 1102, 0, '一条检查结论计一个', 'one conclusion, one finding'],
  ['rectification_orders', '责令改正', 'Rectification orders', 'order', 535, 561, 0, '按文书份数计', 'counted by document'],
  ['interviews', '责任约谈', 'Interviews', 'meeting', 59, 47, 0, '集体约谈计一次', 'a collective interview counts once'],
  ['cases', '行政立案', 'Cases filed', 'case', 148, 131, 0, '以立案日期为准', 'by the date of filing'],
  ['qingyuan_inspections', '清源行动检查', 'Qingyuan campaign inspections', 'visit', 545, null, 1, '', ''],
  ['qingyuan_inspected_entities', '清源行动被查单位', 'Qingyuan campaign inspected entities', 'entity', 487, null, 1, '', ''],
  ['qingyuan_noncompliant_entities', '清源行动不合规', 'Qingyuan campaign non-compliant', 'entity', 182, null, 1, '', ''],
  ['qingyuan_rectified_entities', '清源行动完成整改', 'Qingyuan campaign rectified', 'entity', 144, null, 1, '', ''],
  ['qingyuan_cases', '清源行动立案', 'Qingyuan campaign cases', 'case', 93, null, 1, '', ''],
  ['qingyuan_referrals_public_security', '清源行动移送公安', 'Qingyuan campaign referrals to public security', 'case', 1, null, 1, '', ''],
  ['qingyuan_leads_medical_insurance', '清源行动移送医保', 'Qingyuan campaign leads to medical insurance', 'lead', 1, null, 1, '', ''],
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
shares.open_findings = shares.open_findings_before.map((n, i) => n + shares.findings[i] - shares.closed_findings[i])
for (let i = 0; i < shares.open_findings.length; i += 1) {
  while (shares.open_findings[i] < 0) {
    const from = shares.open_findings.indexOf(Math.max(...shares.open_findings))
    shares.closed_findings[i] -= 1; shares.open_findings[i] += 1
    shares.closed_findings[from] += 1; shares.open_findings[from] -= 1
  }
}
shares.overdue_findings = shares.overdue_findings.map((n, i) => Math.min(n, shares.open_findings[i]))
const overdueTotal = shares.overdue_findings.reduce((a, b) => a + b)
figureRows.find((row) => row[0] === 'overdue_findings')[4] = overdueTotal

const ratio = (a, b) => (b === 0 ? '' : (Math.round((a / b) * 1e6) / 1e6).toFixed(6))
const divisions = {
  findings: [['inspections', 'rate', 100]], rectification_orders: [['findings', 'rate', 100]],
  qingyuan_noncompliant_entities: [['qingyuan_inspected_entities', 'share', 1]],
  qingyuan_rectified_entities: [['qingyuan_noncompliant_entities', 'share', 1]], qingyuan_cases: [['cases', 'share', 1]],
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
    figure: other, zh: row(other)[1], en: row(other)[2], value: valueOf(other, org, '2025-H1'), unit: unit[row(other)[3]], kind, per,
    quotient: ratio(value, valueOf(other, org, '2025-H1')),
  }))
  return {
    id, zh, en, kind: 'derived', unit: unit[unitId], value, campaign: ofCampaign ? campaign : null,
    question: { zh: `本期${zh}多少？`, en: `How many: ${en}?` }, notes: noteZh ? [{ zh: noteZh, en: noteEn }] : [],
    ...(denominators[0] ? { denominator: denominators[0] } : {}), denominators,
    parts: id === 'cases' && org === 'hengyang' ? [{ dimension: 'category', ...named('drug', '药品', 'Drug'), value: 112 },
      { dimension: 'category', ...named('device', '器械', 'Device'), value: 24 }, { dimension: 'category', ...named('cosmetic', '化妆品', 'Cosmetic'), value: 12 }] : [],
    previous: {
      period: '2024-H1', value: before, change: before === null ? null : value - before,
      change_rate: before ? ratio(value - before, before) : null, comparable: before !== null,
      comparability: before === null ? absent : same, members_root: before === null ? null : digest(id + '2024'),
    },
    members: entityFigures.has(id) ? 'entity' : 'fact', members_root: digest(id + org),
  }
}
const reported = [
  ['national_cases', '全国查办药品案件', 'Cases handled nationwide', 'case', 153600, 'cn', '全国', 'China', '2022', true, '国家药监局新闻发布会，2023-02'],
  ['national_cases_change', '较上年增长', 'Change on the year', 'percent', 17.65, 'cn', '全国', 'China', '2022', false, '国家药监局新闻发布会，2023-02；基数 2021 年'],
  ['xinjiang_grade_b', 'B 级以上占比', 'At grade B or above', 'percent', 96.65, 'xinjiang', '新疆', 'Xinjiang', '2024', false, '中国医药报，2025-03'],
  ['xinjiang_facts', '归集信用信息', 'Credit records gathered', 'person', 23000000, 'xinjiang', '新疆', 'Xinjiang', '2024', true, '中国医药报，2025-03'],
].map(([id, zh, en, unitId, value, org, orgZh, orgEn, period, approximate, source], index) => ({
  id, zh, en, kind: 'reported', unit: unit[unitId], value, campaign: null, question: { zh, en }, notes: [], denominators: [],
  approximate, source, reported_as_of: period, period, organisation: named(org, orgZh, orgEn), seq: 40 + index,
}))
const note = (headZh, headEn, zh, en) => ({ head: { zh: headZh, en: headEn }, text: { zh, en } })

export function report(org) {
  const figures = figureRows.map((one) => figure(one[0], org))
  const whole = org === 'hengyang'
  const rows = whole ? units : units.filter((one) => one.id === org)
  const value = (id) => valueOf(id, org, '2025-H1')
  const carry = (one) => {
    const at = (id) => (one ? valueOf(id, one.id, '2025-H1') : value(id))
    const [opening, added, closed, ending] = [at('open_findings_before'), at('findings'), at('closed_findings'), at('open_findings')]
    return { org: one?.id ?? org, zh: one?.zh ?? '', en: one?.en ?? '', opening, added, closed, ending, overdue: at('overdue_findings'), holds: opening + added - closed === ending }
  }
  const term = (id, sign = 1) => ({ figure: id, zh: row(id)[1], en: row(id)[2], sign, value: value(id) })
  const outstanding = value('qingyuan_noncompliant_entities') - value('qingyuan_rectified_entities')
  return {
    report: 'mid_year', org, period: '2025-H1', as_of: { seq: 48213, date: today },
    title: { zh: '2025 年上半年两品一械安全风险会商报告', en: 'Mid-year report on the safety of drugs, devices and cosmetics, first half of 2025' },
    organisation: organisation(org), period_from: '2025-01-01', period_to: '2025-06-30', state: 'frozen',
    moves: [{ step: 'freeze', seq: 48213, happened_on: '2025-07-01', actor: person('p-tangting'), as_of: 48210, reason: '' }],
    computed_at: now, sample_data: true, law_digest: digest('law'),
    sections: [
      { id: 'headline', kind: 'headline', zh: '主要数字', en: 'Main figures', figures: listed.slice(0, 5), notes: [] },
      { id: 'carry', kind: 'carry_over', zh: '2024 年下半年问题整改', en: 'Findings carried over from the second half of 2024', figures: ['open_findings_before', 'findings', 'closed_findings', 'open_findings', 'overdue_findings'],
        notes: [note('问题', 'Finding', '一条检查结论对应一个问题，按条款计。复查后仍不符合的不另计。', 'One conclusion is one finding, by article. A failed re-inspection adds none.'),
          note('销号', 'Closed', '复查合格或企业提交证据经核实。责令改正书发出不等于销号。', 'Verified by re-inspection or evidence. Issuing an order closes nothing.')] },
      { id: 'units', kind: 'by_unit', zh: '分单位情况', en: 'By unit', figures: listed.filter((id) => id !== 'qingyuan_inspected_entities'),
        notes: [note('合计', 'Total', '各县市区与市本级相加等于全市，无重复计数。', 'The units sum to the city; nothing counts twice.'), note('不作排名', 'No ranking', '单位间差异先看检查家次。', 'Look at the visits before comparing units.')] },
      { id: 'years', kind: 'year_on_year', zh: '与上年同期比较', en: 'Against a year earlier', figures: [...listed.slice(0, 5), 'qingyuan_cases'],
        notes: [note('同比', 'Change', '（本期 − 基数）/ 基数，四舍五入到 0.01%。口径变过的指标不给百分比。', '(now − base) / base, rounded to 0.01 %. None where the definition changed.')] },
      { id: 'campaign', kind: 'campaign', zh: '清源行动进度', en: 'Progress of the Qingyuan campaign', figures: listed.slice(5),
        notes: [note('为什么不是漏斗', 'Why no funnel', '家次、家、件、条是不同的单位，93 件不是 144 家的一部分。条形只在同一单位内比较。', 'Visits, entities, cases and leads are unlike units. Bars compare within one unit only.')] },
      { id: 'reported', kind: 'reported', zh: '引用数字', en: 'Figures reported by others', figures: reported.map((one) => one.id),
        notes: [note('引用', 'Reported', '照原样刊印，不与本市推算的数字相加。', 'Printed as published, never added to derived figures.')] },
    ],
    figures: [...figures, ...reported],
    identities: [
      { id: 'carry', zh: '问题结转', en: 'Carry-over', kind: 'equation', holds: true, left: term('open_findings'), right: [term('open_findings_before'), term('findings'), term('closed_findings', -1)], gap: 0, missing: [] },
      { id: 'units_sum', zh: '分单位合计', en: 'Units sum to the whole', kind: 'equation', holds: true, left: term('inspections'), right: [{ figure: '', zh: '各单位之和', en: 'sum of the units', sign: 1, value: value('inspections') }], gap: 0, missing: [] },
      { id: 'rectified', zh: '不合规单位去向', en: 'Non-compliant entities', kind: 'equation', holds: true, left: term('qingyuan_noncompliant_entities'), right: [term('qingyuan_rectified_entities'), { figure: '', zh: '未完成整改', en: 'outstanding', sign: 1, value: outstanding }], gap: 0, missing: [] },
      { id: 'overlap', zh: '清源立案与全部立案', en: 'Campaign cases and all cases', kind: 'overlap', holds: true, left: term('qingyuan_cases'), right: [term('cases'), { figure: '', zh: '两者相交', en: 'in both', sign: 1, value: value('qingyuan_cases') }], gap: 0, missing: [] },
    ],
    by_unit: rows.map((one) => ({ org: one.id, zh: one.zh, en: one.en, reports: one.reports, own: one.id === 'hengyang_bureau',
      values: Object.fromEntries(figureRows.map(([id]) => [id, valueOf(id, one.id, '2025-H1')])) })),
    carry_over: { unit: unit.finding, figures: { opening: 'open_findings_before', added: 'findings', closed: 'closed_findings', ending: 'open_findings', overdue: 'overdue_findings' },
      total: carry(null), rows: rows.map(carry) },
    members_root: digest('report' + org),
  }
}

const shops = ['同泰仁药房', '永安康药店', '石鼓仁汇药房', '西渡百佳药店', '澄和堂大药房珠晖二店', '蒸水堂药号', '立新惠民药房', '青草桥药房', '东风康益药店', '宝诚医药批发', '雁城同善药房', '灶市益民药房', '金兰村卫生室', '归阳福寿药店', '来雁药房', '茶山坳惠康药店']
const causes = [['不凭处方销售处方药', 'sold prescription drugs without a prescription'], ['从非法渠道购进药品', 'bought drugs through illegal channels'],
  ['执业药师不在岗', 'no pharmacist on duty'], ['购销记录不真实', 'false purchase records'], ['销售超过有效期的药品', 'sold expired drugs']]

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
      seq: entityFigures.has(figureId) ? 0 : 100 + i * 7, record_id: restricted ? '' : `hy-2025-rec-${String(i + 1).padStart(5, '0')}`,
      ...(entityFigures.has(figureId) ? { entity_id: `op-${String(i + 1).padStart(5, '0')}` } : {}),
      dossier: restricted ? '' : rows[i % rows.length].id, title: restricted ? '' : `${shop} ${cause[0]}`,
      happened_on: dateOf(dayOf('2025-01-01') + Math.floor((i / Math.max(1, total)) * 180) + Math.floor(skew)), organisation: organisation(owner), restricted,
    })
  }
  return {
    report: 'mid_year', figure: named(figureId, zh, en), unit: unit[unitId], org, organisation: organisation(org), period, as_of: { seq: 48213, date: today },
    members: entityFigures.has(figureId) ? 'entity' : 'fact', total, members_root: digest(figureId + org + period),
    command: `qingyuan report mid_year --org ${org} --period ${period} --as-of 48213 --members ${figureId}`, items,
    next: from + limit < total ? String(from + limit) : null,
  }
}

// --- dossiers --------------------------------------------------------------------------------------------------------

const cite = (text, zh, en) => ({ text, zh, en })
const laws = {
  decide: cite('APPR 64', '《程序规定》第64条', 'Procedure Rules, art. 64'), verify: cite('APPR 18', '《程序规定》第18条', 'Procedure Rules, art. 18'),
  hear: cite('APL 64', '《行政处罚法》第64条', 'Administrative Penalty Law, art. 64'), seize: cite('ACL 25', '《行政强制法》第25条', 'Administrative Compulsion Law, art. 25'),
  say: cite('APL 45', '《行政处罚法》第45条', 'Administrative Penalty Law, art. 45'), wait: cite('APL 62', '《行政处罚法》第62条', 'Administrative Penalty Law, art. 62'),
  panel: cite('APPR 60', '《程序规定》第60条', 'Procedure Rules, art. 60'), refer: cite('TRANSFER 5', '《移送规定》第5条', 'Transfer Rules, art. 5'), close: cite('APPR 77', '《程序规定》第77条', 'Procedure Rules, art. 77'),
}
/** A clock in calendar or working days; the mock counts working days as weekdays. */
function clock(limit, zh, en, law, kind, budget, started, { pauses = [], stopped = null, extended = 0, extension = 0 } = {}) {
  const working = kind === 'working_day'
  const counts = (day) => (!working || ![0, 6].includes(new Date(day * 86_400_000).getUTCDay()))
    && !pauses.some((one) => day >= dayOf(one.from) && day <= (one.to ? dayOf(one.to) : Infinity))
  const total = budget + extended
  const end = (n) => {
    let day = dayOf(started)
    for (let left = n; left > 0 && day < dayOf(started) + 2000;) { day += 1; if (counts(day)) left -= 1 }
    return dateOf(day)
  }
  const openPause = pauses.some((one) => one.to === null)
  const reach = dayOf(stopped ?? today)
  let used = 0
  for (let day = dayOf(started) + 1; day <= reach; day += 1) if (counts(day)) used += 1
  const excluded = pauses.reduce((sum, one) => sum + (one.to ? dayOf(one.to) : dayOf(today)) - dayOf(one.from) + 1, 0)
  const due = openPause ? dateOf(dayOf(today) + Math.ceil((total - used) * (working ? 1.4 : 1))) : end(total)
  const left = total - used
  const standing = stopped ? 'stopped' : openPause ? 'suspended' : dayOf(due) < dayOf(today) ? 'late' : left <= 3 ? 'near' : 'running'
  return {
    limit, zh, en, law, unit: kind, budget: total, used, left, excluded_days: excluded, extended, extension,
    extension_due: extension ? end(total + extension) : null, started_on: started, started_at: null, stopped_on: stopped, running: !stopped, suspended: openPause, standing,
    due: { raw: due, due_holiday_roll: due, due: [0, 6].includes(new Date(dayOf(due) * 86_400_000).getUTCDay()) ? dateOf(dayOf(due) + 2) : due, counted_days: total, excluded_days: excluded, provisional: false, calendar_version: '2024 2025 2026' },
    due_at: null, pauses, verified: limit !== 'CASE.SERVE',
  }
}
const st = (id, zh, en, terminal = false) => ({ id, zh, en, terminal })
const states = {
  lead: st('lead', '线索核查', 'Lead'), investigating: st('investigating', '调查取证', 'Investigating'), informed: st('informed', '已告知', 'Informed'),
  review: st('review', '法制审核', 'Legal review'), decided: st('decided', '已作决定', 'Decided'), testing: st('testing', '待检验结果', 'Awaiting test'),
  closed: st('closed', '已结案', 'Closed', true), inspecting: st('inspecting', '检查中', 'Inspecting'), done: st('done', '已办结', 'Done', true), ordered: st('ordered', '待改正', 'To be rectified'),
}
export const procedures = [
  { ...named('penalty_case', '行政处罚案件', 'Penalty case'), unit: unit.case, may_open: true },
  { ...named('inspection', '监督检查', 'Inspection'), unit: unit.visit, may_open: true },
  { ...named('rectification', '责令改正', 'Rectification order'), unit: unit.order, may_open: false },
]
const kinds = [
  (n) => ['investigating', [clock('CASE.DECIDE', '作出处理决定', 'Decide the case', laws.decide, 'calendar_day', 90, dateOf(dayOf(today) - 93 - n), { extended: 0 })]],
  (n) => ['lead', [clock('CASE.LEAD_VERIFY', '核查线索', 'Verify the lead', laws.verify, 'working_day', 15, dateOf(dayOf(today) - 9 - n), { extension: 15 })]],
  (n) => ['informed', [clock('CASE.HEAR', '陈述申辩', 'Statement and hearing', laws.hear, 'working_day', 5, dateOf(dayOf(today) - (n % 4) - 1))]],
  (n) => ['investigating', [clock('CASE.DECIDE', '作出处理决定', 'Decide the case', laws.decide, 'calendar_day', 90, dateOf(dayOf(today) - 20 - n), { extension: 30 })]],
  (n) => ['testing', [clock('CASE.DECIDE', '作出处理决定', 'Decide the case', laws.decide, 'calendar_day', 90, dateOf(dayOf(today) - 40 - n), { pauses: [{ from: dateOf(dayOf(today) - 6 - n), to: null }], extension: 30 })]],
  (n) => ['review', [clock('CASE.REVIEW', '法制审核', 'Legal review', laws.panel, 'working_day', 10, dateOf(dayOf(today) - 4 - (n % 4)))]],
  (n) => ['decided', [clock('CASE.SERVE', '送达决定书', 'Serve the decision', laws.close, 'working_day', 7, dateOf(dayOf(today) - 4))]],
  () => ['closed', []],
]
export const rows = Array.from({ length: 148 }, (_, i) => {
  const [stateId, clocks] = kinds[i % 16 === 0 ? 0 : 1 + (i % 7)](i % 9)
  const cause = causes[i % causes.length]
  const shop = shops[i % shops.length]
  const state = states[stateId]
  return {
    seq: 1000 + i * 31, id: `hy-2025-case-${String(i + 1).padStart(5, '0')}`, title: `${shop}${cause[0]}案`, procedure: named('penalty_case', '行政处罚案件', 'Penalty case'), state,
    organisation: organisation(units[i % units.length].id), operator: { id: `op-${String((i % shops.length) + 1).padStart(5, '0')}`, name: shop },
    category: i % 6 === 5 ? named('device', '医疗器械', 'Medical device') : named('drug', '药品', 'Drug'), campaign: i < 93 ? campaign : null,
    opened_on: dateOf(dayOf('2025-01-03') + i), closed_on: state.terminal ? '2025-06-20' : null, open: !state.terminal, updated_on: dateOf(dayOf(today) - (i % 30)), version: 48000 + i,
    officers: [person(people[i % 2].id)], clock: clocks[0] ?? null, restricted: i === 60,
  }
})
rows[2] = { ...rows[2], title: '衡阳澄和堂大药房连锁有限公司珠晖二店从非法渠道购进药品案', officers: [person('p-licheng'), person('p-zhoupei')], state: states.informed, campaign,
  opened_on: '2025-04-21', clock: clock('CASE.HEAR', '陈述申辩、要求听证', 'Statement, defence, hearing', laws.hear, 'working_day', 5, '2025-07-01') }

const role = named('officer', '执法人员', 'Officer')
const attribute = (id, zh, en, type, value, texts) => ({ id, zh, en, type, value, ...(texts ? { texts } : {}) })
const doc = (id, zh, en) => named(id, zh, en)
const change = (limit, zh, en, what, value = 0, kind = '') => ({ limit, zh, en, change: what, value, unit: kind })
function fact(seq, on, step, to, more = {}) {
  return { seq, kind: 'step_taken', happened_on: on, recorded_at: `${on}T02:20:00Z`, actor: person('p-licheng'), organisation: organisation('hengyang_bureau'), step, to, role,
    officers: [], form: [], documents: [], evidence: [], clocks: [], reason: '', voids: null, voided_by: null, digest: digest('fact' + seq), ...more }
}
export function dossier(id) {
  const found = rows.find((one) => one.id === id)
  if (!found || found.restricted) return null
  const both = [person('p-licheng'), person('p-zhoupei')]
  const timeline = [
    { ...fact(found.seq, found.opened_on, null, null), kind: 'dossier_opened', form: [attribute('source', '来源', 'Source', 'word', 'complaint', [named('complaint', '举报', 'Complaint')])] },
    fact(found.seq + 2, '2025-04-21', named('file', '立案', 'File the case'), states.investigating, { actor: person('p-tangting'), role: named('head_of_authority', '负责人', 'Head of authority'), documents: [doc('penalty_07', '立案审批表', 'Filing approval')], clocks: [change('CASE.DECIDE', '作出处理决定', 'Decide the case', 'start', 90, 'calendar_day')] }),
    fact(found.seq + 5, '2025-04-22', named('seize', '扣押', 'Seize'), null, { officers: both, documents: [doc('penalty_19', '实施行政强制措施决定书', 'Compulsory measure decision')], form: [attribute('amount', '货值', 'Value', 'money', 1864000)], clocks: [change('SEIZE.KEEP', '扣押', 'Seizure', 'start', 30, 'calendar_day')] }),
    fact(found.seq + 9, '2025-05-06', named('refusal', '拒绝提供票据', 'Papers refused'), null, { officers: both, voided_by: found.seq + 11 }),
    { ...fact(found.seq + 11, '2025-05-07', null, null), kind: 'fact_voided', voids: found.seq + 9, reason: '误录：当事人当日补交了票据' },
    fact(found.seq + 14, '2025-05-08', named('send_sample', '送检', 'Send for testing'), null, { clocks: [change('CASE.DECIDE', '作出处理决定', 'Decide the case', 'suspend')] }),
    fact(found.seq + 21, '2025-05-30', named('receive_result', '收到检验结论', 'Result received'), null, { documents: [doc('penalty_33', '检验结果告知书', 'Notice of test result')], clocks: [change('CASE.DECIDE', '作出处理决定', 'Decide the case', 'resume')] }),
    fact(found.seq + 30, '2025-06-05', named('extend_seizure', '延长扣押', 'Extend the seizure'), null, { actor: person('p-tangting'), documents: [doc('penalty_21', '延长行政强制措施期限决定书', 'Extension decision')], clocks: [change('SEIZE.KEEP', '扣押', 'Seizure', 'extend', 30, 'calendar_day')] }),
    fact(found.seq + 41, '2025-06-24', named('review', '法制审核', 'Legal review'), states.review, { actor: person('p-heming'), role: named('legal_reviewer', '法制审核', 'Legal reviewer'), documents: [doc('penalty_35', '案件审核表', 'Case review form')] }),
    fact(found.seq + 52, '2025-07-01', named('inform', '行政处罚告知', 'Inform of the penalty'), states.informed, { officers: both, documents: [doc('penalty_36', '行政处罚告知书', 'Penalty notice')], clocks: [change('CASE.HEAR', '陈述申辩、要求听证', 'Statement, defence, hearing', 'start', 5, 'working_day')] }),
  ]
  const rich = found.id === rows[2].id
  const clocks = rich ? [
    found.clock,
    clock('SEIZE.KEEP', '扣押', 'Seizure', laws.seize, 'calendar_day', 30, '2025-04-22', { extended: 30, pauses: [{ from: '2025-05-08', to: '2025-05-30' }] }),
    clock('CASE.DECIDE', '作出处理决定', 'Decide the case', laws.decide, 'calendar_day', 90, '2025-04-21', { extension: 30, pauses: [{ from: '2025-05-08', to: '2025-05-30' }] }),
    clock('CASE.LEAD_VERIFY', '核查线索', 'Verify the lead', laws.verify, 'working_day', 15, '2025-04-10', { stopped: '2025-04-21' }),
  ] : found.clock ? [found.clock] : []
  return {
    ...found, law_on: found.opened_on, clocks,
    attributes: [
      attribute('source', '来源', 'Source', 'word', 'complaint', [named('complaint', '举报', 'Complaint')]),
      attribute('facts', '认定事实', 'Facts found', 'long_text', '2025 年 3 月 29 日至 4 月 18 日，当事人从个人手中购进盐酸二甲双胍缓释片等 6 个品种 214 盒并上架销售，不能提供供货方《药品经营许可证》和随货同行单。'),
      attribute('violates', '违反', 'Violates', 'word', 'DAL 55', [named('DAL 55', '《药品管理法》第55条', 'Drug Administration Law, art. 55')]),
      attribute('amount', '货值', 'Value', 'money', 1864000), attribute('proposed_fine', '拟罚款', 'Proposed fine', 'money', 15000000),
      { ...attribute('seller', '售药人', 'Seller', 'personal', ''), erased: true },
    ],
    people: [{ person: person('p-licheng'), part: 'officer', roles: [role], steps: [] }, { person: person('p-zhoupei'), part: 'officer', roles: [role], steps: [] },
      { person: person('p-heming'), part: 'actor', roles: [named('legal_reviewer', '法制审核', 'Legal reviewer')], steps: [] },
      { person: person('p-tangting'), part: 'approver', roles: [named('head_of_authority', '负责人', 'Head of authority')], steps: [] }],
    documents: timeline.flatMap((one) => one.documents.map((document) => ({ ...document, step: one.step, seq: one.seq, drawn_on: one.happened_on }))),
    links: rich ? [{ direction: 'from', dossier: rows[9].id, title: '澄和堂大药房珠晖二店监督检查', procedure: named('inspection', '监督检查', 'Inspection'), state: states.done, opened_on: '2025-04-09', source_fact: 880, restricted: false },
      { direction: 'to', dossier: rows[12].id, title: '医保线索：重复结算', procedure: named('lead_transfer', '线索移送', 'Lead transfer'), state: states.done, opened_on: '2025-06-11', source_fact: null, restricted: false }] : [],
    timeline, figures: [{ report: 'mid_year', period: '2025-H1', figure: named('cases', '行政立案', 'Cases filed') }, ...(found.campaign ? [{ report: 'mid_year', period: '2025-H1', figure: named('qingyuan_cases', '清源行动立案', 'Campaign cases') }] : [])],
  }
}

const field = (id, zh, en, type, required, more = {}) => ({ id, zh, en, type, vocabulary: '', required, ...more })
const offer = (step, zh, en, more = {}) => ({
  step, zh, en, refusal: null, needs: [], form: [], officers: 0, by: [role], to: null, law: [], documents: [], clocks: [], opens: null, approval: null, automatic: false, ...more,
})
const refusal = (code, titleZh, titleEn, zh, en, law, more = {}) => ({
  code, title: { zh: titleZh, en: titleEn }, message: { zh, en }, where: '', law: [law], next: { zh: '', en: '' }, next_step: null, not_before: null, ...more,
})
export function offers(id, by) {
  const found = rows.find((one) => one.id === id)
  if (!found || found.restricted) return null
  const who = people.find((one) => one.id === by) ?? people[0]
  const steps = found.open ? [
    offer('record_statement', '登记陈述申辩', 'Record the statement', { law: [laws.say], needs: [{ zh: '应当复核；不得因申辩加重处罚', en: 'must be considered; no heavier penalty for it' }],
      form: [field('statement', '陈述申辩内容', 'Statement', 'long_text', true), field('accepted', '是否采纳', 'Accepted', 'boolean', true),
        field('grounds', '理由类别', 'Grounds', 'words', false, { vocabulary: 'statement_grounds', words: [named('fact', '事实', 'Facts'), named('law', '法律适用', 'Law'), named('amount', '处罚幅度', 'Amount')] }),
        field('new_fine', '复核后的罚款', 'Fine after review', 'money', false), field('received_at', '收到时间', 'Received at', 'instant', false)] }),
    offer('waive', '登记书面放弃', 'Record the waiver', { law: [laws.hear], officers: 2, needs: [{ zh: '须有当事人签字的书面材料', en: 'a paper signed by the party' }], form: [field('waived_on', '放弃日期', 'Waived on', 'date', true)],
      documents: [doc('penalty_40', '陈述申辩笔录', 'Record of statement')], clocks: [change('CASE.HEAR', '陈述申辩、要求听证', 'Statement, defence, hearing', 'stop')] }),
    offer('decide', '作出行政处罚决定', 'Decide the penalty', { law: [laws.wait], to: states.decided, refusal: refusal('too_early', '期限未到', 'too early', '陈述申辩期还剩 2 个工作日，当事人没有放弃', 'two working days of the period for a statement are left and the party has not waived it', laws.wait, { next: { zh: '登记书面放弃，或等到期满', en: 'record a waiver, or wait' }, next_step: 'waive', not_before: '2025-07-09' }) }),
    offer('panel', '提请集体讨论', 'Ask the panel', { law: [laws.panel], refusal: refusal('too_early', '期限未到', 'too early', '听证权利尚未了结', 'the right to a hearing has not ended', laws.panel, { not_before: '2025-07-09', next: { zh: '期满后再提请', en: 'ask after the period' } }) }),
    offer('remit', '减轻处罚', 'Mitigate', { law: [laws.say], approval: named('head_of_authority', '负责人', 'head of authority'), form: [field('reason', '理由', 'Reason', 'long_text', true)], refusal: refusal('approval_missing', '缺少批准', 'an approval is missing', '须经负责人批准同一份表', 'the head of authority must approve the same form', laws.say) }),
    offer('refer', '移送公安机关', 'Refer to the police', { law: [laws.refer], refusal: refusal('officers_too_few', '执法人员不足', 'too few officers', '没有指定专案人员，须 2 名以上', 'no task group named; at least two people', laws.refer, { next: { zh: '由负责人指定 2 名以上人员', en: 'the head names at least two people' } }) }),
    offer('expire', '期满自动视为放弃', 'Right lapses', { law: [laws.hear], automatic: true, refusal: refusal('too_early', '期限未到', 'too early', '期限 7 月 8 日届满', 'the period ends on 8 July', laws.hear, { not_before: '2025-07-09' }) }),
  ] : []
  return { dossier: id, version: found.version, by: { id: who.id, name: who.name, organisation: who.organisation, roles: who.roles }, state: found.state, steps }
}

export function procedure(id) {
  const known = procedures.find((one) => one.id === id)
  if (!known) return null
  const guard = (word, zh, en) => ({ word, text: word, zh, en })
  return {
    id, zh: known.zh, en: known.en, unit: known.unit, prefix: 'case', law: [laws.verify], verified: true, note: '', from: '2021-07-15', to: null,
    states: Object.values(states), initial: ['lead'], open_by: [role], form: [field('note', '情况说明', 'Note', 'long_text', true)],
    steps: [
      { id: 'file', zh: '立案', en: 'File the case', from: ['lead'], to: 'investigating', by: [named('head_of_authority', '负责人', 'Head of authority')], guard: [guard('officers(2)', '须有2名以上执法人员', 'at least 2 officers')], why: '', open_point: '', form: [], clocks: [], documents: [], law: [laws.verify], opens: '', automatic: false },
      { id: 'close', zh: '结案', en: 'Close', from: ['decided'], to: 'closed', by: [role], guard: [], why: '无须条件', open_point: '', form: [], clocks: [], documents: [], law: [laws.close], opens: '', automatic: false },
    ],
  }
}
export function limit(id) {
  const clocks = rows.flatMap((one) => dossier(one.id)?.clocks ?? [])
  const known = clocks.find((one) => one.limit === id)
  if (!known) return null
  return { id, procedure: 'penalty_case', step: known.zh, actor: '办案机构', start_event: '立案', kind: 'due', value: String(known.budget), unit: known.unit, ext_value: String(known.extension), ext_unit: known.unit,
    ext_by: '负责人', excluded_time: '检验、检测、检疫、鉴定', citation: known.law, verified: known.verified, basis: 'text', note: '', from: '2021-07-15', to: null }
}
export const operator = (id) => ({
  id, name: shops[(Number(id.slice(3)) - 1) % shops.length] ?? id, kind: named('chain_store', '连锁门店', 'Chain store'), uscc: '91430405MA4L00001A', headquarters: { id: 'op-00099', name: '衡阳澄和堂大药房连锁有限公司' },
  region: named('430405', '珠晖区', 'Zhuhui'), organisation: organisation('zhuhui'), address: '示例路 1 号', representative: '陈**',
  licences: [{ id: '湘CB7340001', kind: named('drug_retail', '药品经营许可证', 'Drug retail licence'), scopes: [], status: 'valid', from: '2022-03-15', to: '2027-03-14' }],
  dossiers: rows.filter((one) => one.operator?.id === id).length,
})
