// Invented reports of reactions for developing and testing the pages of vigilance without the server: pairs with true counts and
// measures, a batch cluster with its curve, reports in every state, pairs that seem to be one case, sentinel sites.
// Nothing here is real, and nothing here reaches the product.
//   vigilance(seen, {method, part, query, body, empty, language}) → answer | null

import { rows as dossiers } from './dossiers.mjs'
import { dateOf, dayOf, digest, stream, today } from './names.mjs'

const ok = (body, status = 200) => ({ status, body })
const problem = (status, code, title, more = {}) => {
  const body = { type: 'urn:qingyuan:error:' + code, title, status, code, detail: '', where: '', ...more }
  return { status, body, problem: body, headers: { 'Content-Type': 'application/problem+json' } }
}
const next = stream(20250705)
const pick = (list) => list[Math.floor(next() * list.length)]
const between = (from, to) => from + Math.floor(next() * (to - from + 1))
const round = (value, places = 4) => (value === null ? null : Number(value.toFixed(places)))

const makers = ['湖南澄岳制药', '衡阳南岳生物', '郴州林邑药业', '虚拟药厂甲', '虚拟药厂乙']
const drugs = [
  ['参茯宁注射液', 400], ['注射用头孢曲松钠', 1460], ['左氧氟沙星注射液', 2210], ['清开灵注射液', 1120], ['阿莫西林胶囊', 1870],
  ['盐酸二甲双胍缓释片', 640], ['碘海醇注射液', 980], ['双黄连口服液', 530], ['阿托伐他汀钙片', 720], ['卡马西平片', 260],
  ['别嘌醇片', 240], ['注射用青霉素钠', 1610], ['甲硝唑氯化钠注射液', 870], ['硝苯地平控释片', 460], ['奥美拉唑肠溶胶囊', 580],
  ['氯雷他定片', 190], ['注射用紫杉醇', 310], ['依托考昔片', 170], ['异烟肼片', 330], ['罗红霉素分散片', 620],
]
const reactions = [
  ['过敏性休克', 226, '过敏反应'], ['皮疹', 9860, '皮肤反应'], ['瘙痒', 7120, '皮肤反应'], ['恶心', 6430, '胃肠反应'],
  ['呕吐', 4870, '胃肠反应'], ['腹泻', 2960, '胃肠反应'], ['发热', 1980, '全身反应'], ['寒战', 1240, '全身反应'],
  ['呼吸困难', 860, '过敏反应'], ['肝功能异常', 1310, '肝胆反应'], ['白细胞减少', 940, '血液反应'], ['心悸', 1150, '心血管反应'],
  ['头晕', 3240, '神经反应'], ['重症多形红斑', 118, '皮肤反应'], ['血管性水肿', 196, '过敏反应'], ['肌痛', 430, '肌肉骨骼反应'],
]
const total = 58000
const strong = {
  '参茯宁注射液|过敏性休克': 14, '卡马西平片|重症多形红斑': 11, '别嘌醇片|重症多形红斑': 9, '碘海醇注射液|过敏性休克': 27,
  '阿托伐他汀钙片|肌痛': 41, '异烟肼片|肝功能异常': 52, '注射用紫杉醇|白细胞减少': 66, '参茯宁注射液|寒战': 38,
  '清开灵注射液|过敏性休克': 19, '依托考昔片|血管性水肿': 5, '硝苯地平控释片|心悸': 34, '双黄连口服液|血管性水肿': 4,
  '参茯宁注射液|呼吸困难': 21, '氯雷他定片|心悸': 8,
}

/** The same formulas as the server's, the quantiles by Wilson and Hilferty: good enough to look at. */
const quantile = (shape, rate, z) => (shape / rate) * (1 - 1 / (9 * shape) + z / (3 * Math.sqrt(shape))) ** 3
function measures(n, n1, n2, all = total) {
  const [b, c, d] = [n1 - n, n2 - n, all - n1 - n2 + n]
  const expected = (n1 * n2) / all
  const prr = c === 0 ? null : n / n1 / (c / (all - n1))
  const ror = b === 0 || c === 0 ? null : (n * d) / (b * c)
  const [sp, sr] = [Math.sqrt(1 / n - 1 / n1 + 1 / c - 1 / (all - n1)), Math.sqrt(1 / n + 1 / b + 1 / c + 1 / d)]
  const wide = (value, spread, side) => (value === null ? null : round(Math.exp(Math.log(value) + side * 1.96 * spread)))
  const chi2 = (all * Math.max(0, Math.abs(n * d - b * c) - all / 2) ** 2) / (n1 * (all - n1) * n2 * (all - n2))
  const shape = n + 0.6
  const rate = expected + 0.5
  return {
    n, n_product: n1, n_reaction: n2, n_total: all, expected: round(expected), rr: round(n / expected),
    prr: round(prr), prr_infinite: prr === null, prr_lower: wide(prr, sp, -1), prr_upper: wide(prr, sp, 1),
    ror: round(ror), ror_infinite: ror === null, ror_lower: wide(ror, sr, -1), ror_upper: wide(ror, sr, 1),
    chi2_yates: round(chi2), fisher_p: chi2 > 30 ? Number((10 ** -(chi2 / 5)).toPrecision(3)) : round(Math.exp(-chi2 / 2), 4),
    ic: round(Math.log2((n + 0.5) / rate)), ic025: round(Math.log2(quantile(n + 0.5, rate, -1.96))),
    ic975: round(Math.log2(quantile(n + 0.5, rate, 1.96))),
    ebgm: round((shape - 0.5) / rate), eb05: round(quantile(shape, rate, -1.645)), eb95: round(quantile(shape, rate, 1.645)),
  }
}
const rules = [
  ['evans', 'Evans 2001', 'Evans 2001', '例数 ≥ 3，PRR ≥ 2，Yates χ² ≥ 4', 'n ≥ 3, PRR ≥ 2, Yates χ² ≥ 4', 'Evans, Waller & Davis, 2001', 'verified', (m) => m.n >= 3 && (m.prr ?? 99) >= 2 && m.chi2_yates >= 4],
  ['who', '世卫 IC025', 'WHO IC025', 'IC025 > 0', 'IC025 > 0', 'Norén et al., 2013', 'verified', (m) => m.ic025 > 0],
  ['fda', '美国 EB05', 'FDA EB05', 'EB05 ≥ 2', 'EB05 ≥ 2', 'DuMouchel, 1999', 'verified', (m) => m.eb05 >= 2],
  ['lareb', '荷兰 ROR', 'Lareb ROR', 'ROR 下限 > 1，例数 ≥ 3', 'lower limit of ROR > 1, n ≥ 3', 'van Puijenbroek et al., 2002', 'verified', (m) => m.n >= 3 && (m.ror_lower ?? 0) > 1],
  ['evdas', '欧盟 eRMR', 'EVDAS eRMR', 'ROR 下限 > 1，例数 ≥ 5', 'lower limit of ROR > 1, n ≥ 5', 'EMA/849944/2016', 'unverified', (m) => m.n >= 5 && (m.ror_lower ?? 0) > 1],
]
const openDossier = dossiers.find((one) => one.open && !one.restricted)
const pairs = drugs
  .flatMap(([product, n1]) =>
    reactions.map(([reaction, n2, family]) => {
      const expected = (n1 * n2) / total
      const n = strong[`${product}|${reaction}`] ?? Math.round(expected * (0.3 + 1.1 * next()))
      return n > 0 ? { product, reaction, family, ...measures(n, n1, n2) } : null
    }),
  )
  .filter(Boolean)
pairs.push({ product: '注射用紫杉醇', reaction: '指甲脱落', family: '皮肤反应', ...measures(3, 310, 3) })
pairs.push({ product: '罗红霉素分散片', reaction: '味觉丧失', family: '神经反应', ...measures(1, 620, 1) })
for (const [index, row] of pairs.entries()) {
  row.serious = Math.min(row.n, Math.round(row.n * (row.family === '过敏反应' ? 0.6 : 0.12)))
  row.deaths = row.reaction === '过敏性休克' && row.n > 10 ? Math.round(row.n / 14) : 0
  row.criteria = rules.filter((rule) => rule[7](row)).map(([id]) => id)
  row.is_new = row.criteria.length > 2 && ['参茯宁注射液', '依托考昔片', '双黄连口服液', '氯雷他定片'].includes(row.product)
  row.first_met_on = row.criteria.length ? (row.is_new ? dateOf(dayOf(today) - (index % 9)) : `202${3 + (index % 2)}-0${1 + (index % 9)}-1${index % 9}`) : null
  const has = row.criteria.includes('fda') && row.criteria.includes('who')
  row.dossier = has && index % 3 !== 1 ? openDossier.id : null
  row.dossier_state = row.dossier_state_name = row.dossier ? (row.is_new ? '新立' : pick(['评估中', '待补充资料', '已转风险事项'])) : null
}
const asOf = (empty) => ({
  seq: empty ? 0 : 48392, judged: empty ? null : '2025-07-04T18:10:00Z', reports: empty ? 0 : 60118, cases: empty ? 0 : total,
  duplicates: empty ? 0 : 2118, products: empty ? 0 : 1246, reactions: empty ? 0 : 874, pairs: empty ? 0 : 34795,
  theta: empty ? null : [0.187461912, 0.217177271, 2.344113979, 1.674719428, 0.458407463],
  negative_log_likelihood: empty ? null : 87348.3172, points: empty ? null : 2665,
  fit: empty ? '报告不足 100 例，没有拟合先验分布' : null,
})
const shown = ({ family, ...row }) => ({ ...row, reaction_name: row.reaction })
function signals(query, empty) {
  const needle = query.get('search') ?? ''
  const minimum = Number(query.get('minimum') ?? 0)
  const criterion = query.get('criterion') ?? ''
  const kind = query.get('kind') ?? 'drug'
  const found = (empty || kind !== 'drug' ? [] : pairs).filter(
    (row) =>
      (row.product + row.reaction).includes(needle) && row.n >= minimum &&
      (!criterion || row.criteria.includes(criterion)) &&
      (!query.get('since') || (row.criteria.length > 0 && (row.first_met_on ?? '') >= query.get('since'))),
  )
  const sort = query.get('sort') ?? 'eb05'
  const key = sort.replace(/^-/, '')
  const value = (row) => (key === 'newest' ? (row.first_met_on ?? '') : (row[key] ?? Infinity))
  found.sort((a, b) => (value(a) < value(b) ? 1 : value(a) > value(b) ? -1 : 0))
  const from = Number(query.get('after') ?? 0)
  const size = Number(query.get('limit') ?? 50)
  return {
    as_of: asOf(empty), items: found.slice(from, from + size).map(shown), total: found.length,
    next: from + size < found.length ? String(from + size) : null,
  }
}
const criteria = (empty, language) => ({
  items: rules.map(([id, zh, en, text, english, source, status, test]) => ({
    id, zh, en, text: language === 'en' ? english : text, source, status, met: empty ? 0 : pairs.filter(test).length,
  })),
})

const hospitals = [
  ['h-1', '衡阳市示例医院', '衡阳市'], ['h-2', '珠晖区人民医院', '衡阳市'], ['h-3', '耒阳市中医医院', '耒阳市'], ['h-4', '祁东县人民医院', '祁东县'],
  ['h-5', '常宁市第二医院', '常宁市'], ['h-6', '衡东县中医院', '衡东县'], ['h-7', '金兰镇卫生院', '衡阳县'], ['m-1', '衡阳南岳生物制药有限公司', '衡阳市'],
]
const causalities = ['certain', 'probable', 'possible', 'unlikely', 'pending']
const outcomes = ['recovered', 'improved', 'not_improved', 'unknown', 'sequelae', 'death']
function cases(row, count, batch, until = 0) {
  const draw = stream(dayOf('2025-01-01') + row.n * 31 + row.product.length)
  const some = (list) => list[Math.floor(draw() * list.length)]
  return Array.from({ length: count }, (_, index) => {
    const onset = until ? until - Math.floor(index * 0.9) : dayOf(today) - 4 - Math.floor(index * 18 + draw() * 5)
    const hospital = hospitals[Math.floor(draw() * 7)]
    const death = index < row.deaths && index === 2
    return {
      number: `4304-${dateOf(onset).slice(2, 4)}-${String(9120 - index * 7).padStart(5, '0')}`,
      received_on: dateOf(onset + 1 + Math.floor(draw() * 6)), onset_on: draw() < 0.06 ? null : dateOf(onset),
      sex: some(['female', 'male', 'female', '']), age_years: draw() < 0.05 ? null : 18 + Math.floor(draw() * 66),
      products: [row.product], batches: draw() < 0.64 || batch ? [batch ?? '240817'] : draw() < 0.5 ? ['240631'] : [],
      reactions: [row.reaction, ...(draw() < 0.4 ? [some(['寒战', '呼吸困难', '皮疹', '血压下降'])] : [])],
      seriousness: death ? 'death' : draw() < 0.6 ? 'serious' : 'general',
      outcome: death ? 'death' : some(outcomes.slice(0, 4)), causality: some(causalities),
      organisation: hospital[0], organisation_name: hospital[1], papers: draw() < 0.15 ? 2 : 1, dossier: openDossier.id,
    }
  })
}
function quarters(row) {
  const names = ['2023-Q3', '2023-Q4', '2024-Q1', '2024-Q2', '2024-Q3', '2024-Q4', '2025-Q1', '2025-Q2']
  const weights = [0, 0.07, 0, 0.07, 0.08, 0.14, 0.22, 0.42]
  let cumulative = 0
  return names.map((quarter, index) => {
    const n = index === names.length - 1 ? row.n - cumulative : Math.round(row.n * weights[index])
    cumulative += n
    const n1 = Math.round(row.n_product * (0.3 + 0.1 * index))
    const m = cumulative ? measures(cumulative, Math.max(n1, cumulative), Math.round(row.n_reaction * (0.3 + 0.1 * index)), Math.round(total * (0.3 + 0.1 * index))) : null
    return {
      quarter, n, n_product: Math.round(row.n_product / 8) + index * 3, cumulative, ic: m?.ic ?? null, ic025: m?.ic025 ?? null,
      eb05: m ? m.eb05 : null,
    }
  })
}
function strata(row) {
  const split = {
    sex: [['female', 0.55], ['male', 0.42], ['', 0.03]],
    age: [['0-17', 0.06], ['18-44', 0.22], ['45-64', 0.4], ['65-', 0.29], ['', 0.03]],
    year: [['2023', 0.14], ['2024', 0.36], ['2025', 0.5]],
    region: [['衡阳市', 0.5], ['耒阳市', 0.2], ['祁东县', 0.16], ['常宁市', 0.14]],
    source: [['医疗机构', 0.78], ['持有人', 0.14], ['经营企业', 0.06], ['个人', 0.02]],
  }
  return Object.entries(split).flatMap(([stratum, parts]) =>
    parts.map(([value, share], index) => {
      const n = Math.round(row.n * share * (index % 2 ? 0.9 : 1.05))
      const m = n ? measures(n, Math.max(n + 1, Math.round(row.n_product * share)), Math.max(n + 1, Math.round(row.n_reaction * share * (1 + 0.2 * index))), Math.round(total * share)) : null
      return {
        stratum, value, n, expected: m?.expected ?? round(row.expected * share), ror: m?.ror ?? null, ror_lower: m?.ror_lower ?? null,
        ic025: m?.ic025 ?? null,
      }
    }),
  )
}
function pair(query, language) {
  const row = pairs.find((one) => one.product === query.get('product') && one.reaction === query.get('reaction'))
  if (!row) return null
  const met = row.criteria
  const plain = measures(row.n, row.n_product, row.n_reaction)
  const quiet = row.n < 30
  return {
    product: row.product, reaction: row.reaction, level: query.get('level') ?? 'name', kind: query.get('kind') ?? 'drug',
    table: { a: row.n, b: row.n_product - row.n, c: row.n_reaction - row.n, d: total - row.n_product - row.n_reaction + row.n },
    measures: plain,
    criteria: rules.map(([id, zh, en, text, english, source]) => ({
      id, name: language === 'en' ? en : zh, met: met.includes(id), text: `${language === 'en' ? english : text}（${source}）`.replace(/（(.*)）$/, language === 'en' ? ' ($1)' : '（$1）'),
    })),
    paragraph: `${row.product}与${row.reaction}同报 ${row.n} 例，按边际数期望 ${row.expected.toFixed(2)} 例。` +
      `收缩后的比值 EBGM ${plain.ebgm.toFixed(2)}，90% 下限 EB05 ${plain.eb05.toFixed(2)}；达到 ${met.length} 项标准。` +
      '报告数不是发生率，同报不等于因果，请结合病例逐例评价。',
    caveats: [
      '6 月有科室培训，报告意识提高可能抬高观察数。',
      ...(row.product === '参茯宁注射液' ? ['9 例集中在批号 240817，分层后其他批号未见升高；请同时看批号聚集。'] : []),
      ...(plain.ror === null ? ['其他药品没有这个反应的报告，ROR 和 PRR 无法估计。'] : []),
    ],
    strata: strata(row),
    stratified: { expected: round(row.expected * 1.12), ic025: round(plain.ic025 - 0.18), eb05: round(plain.eb05 * 0.93) },
    trend: quarters(row),
    sequential: { llr: round(row.n * Math.log(row.n / row.expected) - (row.n - row.expected), 3), critical: 3.628123, expected: row.expected, horizon: 20, alpha: 0.05, signals: row.n > row.expected * 1.6, since: row.n > row.expected * 1.6 ? '2025-05-27' : null },
    batches: quiet
      ? [{ batch: '240817', maker: '衡阳南岳生物', n: Math.round(row.n * 0.64) }, { batch: '240631', maker: '衡阳南岳生物', n: Math.round(row.n * 0.22) }, { batch: '', maker: '', n: row.n - Math.round(row.n * 0.64) - Math.round(row.n * 0.22) }]
      : Array.from({ length: 9 }, (_, n) => ({ batch: `24${String(5 + n).padStart(2, '0')}1${n}`, maker: makers[n % 5], n: Math.max(1, Math.round(row.n / (4 + n))) })),
    cases: cases(row, Math.min(row.n, 40), null), as_of: asOf(false), dossier: row.dossier, dossier_state: row.dossier_state, dossier_state_name: row.dossier_state,
  }
}

const clusterRows = [
  ['c-240817', 'drug', '参茯宁注射液', '衡阳南岳生物制药有限公司', '240817', ['过敏性休克', '寒战', '呼吸困难'], '2025-06-16', '2025-06-24', 9, 0.42, 3.1e-10, 7, 4, '2025-06-25', 'standing', openDossier.id, '评估中'],
  ['c-250311', 'drug', '注射用头孢曲松钠', '湖南澄岳制药有限公司', '250311', ['皮疹', '瘙痒'], '2025-06-27', '2025-07-02', 7, 0.9, 2.6e-5, 0, 3, '2025-07-03', 'standing', null, null],
  ['c-sh0522', 'cosmetic', '雪肌焕亮精华液', '虚拟日化有限公司', 'SH0522', ['接触性皮炎'], '2025-06-20', '2025-06-30', 6, 0.35, 8.4e-7, 1, 3, '2025-07-01', 'standing', openDossier.id, '新立'],
  ['c-d7741', 'device', '一次性使用输液器', '虚拟器械有限公司', 'D7741', ['发热', '寒战'], '2025-05-08', '2025-05-15', 5, 0.61, 1.2e-4, 2, 2, '2025-05-16', 'standing', openDossier.id, '已转风险事项'],
  ['c-240202', 'drug', '清开灵注射液', '虚拟药厂甲有限公司', '240202', ['发热'], '2025-04-02', '2025-04-09', 5, 1.3, 0.009, 0, 1, '2025-04-10', 'withdrawn', null, null],
].map(([id, kind, product, maker, batch, list, onset_from, onset_to, count, expected, p, serious, organisations, found_on, status, dossier, dossier_state]) => ({
  id, kind, product, maker, batch, reactions: list, onset_from, onset_to, cases: count, expected, p, serious, organisations, found_on, status, dossier, dossier_state, dossier_state_name: dossier_state,
}))
const firm = (id, name, type) => ({ id, name, type, region: '430405', organisation: 'zhuhui' })
function cluster(id) {
  const row = clusterRows.find((one) => one.id === id)
  if (!row) return null
  const from = dayOf(row.onset_from) - 12
  const until = dayOf(row.onset_to) + 10
  const draw = stream(from)
  let left = row.cases
  const inside = dayOf(row.onset_to) - dayOf(row.onset_from) + 1
  const curve = Array.from({ length: until - from + 1 }, (_, index) => {
    const day = from + index
    const within = day >= dayOf(row.onset_from) && day <= dayOf(row.onset_to)
    const last = day === dayOf(row.onset_to)
    const own = within ? Math.min(left, last ? left : Math.round((row.cases / inside) * (0.4 + 1.6 * draw()))) : 0
    left -= own
    return { day: dateOf(day), onset: own, received: within || day <= dayOf(row.onset_to) + 8 ? Math.floor(draw() * (day > dayOf(row.onset_from) + 2 ? 3 : 1)) : 0, other_batches: draw() < 0.2 ? 1 : 0, expected: round(row.expected / inside) }
  })
  const near = { product: row.product, reaction: row.reactions[0], n: row.cases, deaths: row.serious > 5 ? 1 : 0 }
  return {
    ...row,
    paragraph: `${row.product}批号 ${row.batch} 在 ${row.onset_from} 至 ${row.onset_to} 之间有 ${row.cases} 例出现${row.reactions.join('、')}，按这个批号平时的报告数期望 ${row.expected.toFixed(2)} 例。` +
      `病例来自 ${row.organisations} 家单位，同品种其他批号和其他厂家同期没有升高。这是需要核查的聚集，不是质量结论。`,
    reasons: [
      `14 日窗口内 ${row.cases} 例，期望 ${row.expected.toFixed(2)} 例，p = ${row.p.toPrecision(2)}`,
      `来自 ${row.organisations} 家互不隶属的单位，不是一家单位补录`,
      '同品种其他 11 个批号同期 2 例，期望 2.3 例',
      row.serious ? `${row.serious} 例严重` : '没有严重病例',
    ],
    caveats: ['2 例没有给出批号的报告没有算入。', '收到日期集中在 6 月 20 日以后，发生日期以病历为准。'],
    curve,
    by_organisation: hospitals.slice(0, row.organisations).map(([organisation, name], index) => ({ organisation, name, cases: Math.max(1, Math.round(row.cases / (index + 2))) })),
    contrast: { other_batches: 2, other_batches_expected: 2.3, other_makers: row.status === 'withdrawn' ? 14 : 5, other_makers_expected: 5.4 },
    members: cases(near, row.cases, row.batch, dayOf(row.onset_to)),
    holders: row.kind === 'drug' ? [[firm('op-00001', '湘衡医药批发有限公司', 'wholesaler'), 8400], [firm('op-00002', '衡阳市示例医院', 'hospital'), 1260], [firm('op-00003', '耒阳市中医医院', 'hospital'), 420], [firm('op-00004', '珠晖区人民医院', 'hospital'), 310], [firm('op-00005', '金兰镇卫生院', 'hospital'), 40]].map(([operator, count]) => ({ operator, count })) : null,
    batch_unaccounted: row.kind === 'drug' ? 120 : null,
    as_of: asOf(false),
  }
}

const missing = {
  batch: ['batch', '批号', 0.1], onset: ['onset_on', '发生日期', 0.5], indication: ['indication', '用药原因', 0.3], outcome: ['outcome', '转归', 0.3],
  dose: ['dose', '用法用量', 0.1], age: ['age_years', '年龄', 0.3], narrative: ['narrative', '过程描述', 0.1], started: ['started_on', '开始使用日期', 0.5],
}
const lacking = (names) => names.map((name) => ({ field: missing[name][0], name: missing[name][1], penalty: missing[name][2] }))
const sources = ['医疗机构', '医疗机构', '医疗机构', '持有人', '经营企业', '个人']
const reports = Array.from({ length: 164 }, (_, index) => {
  const [product] = drugs[index % drugs.length]
  const day = dayOf(today) - Math.floor(index / 3)
  const hospital = hospitals[index % hospitals.length]
  const gaps = [[], ['dose'], ['indication', 'batch'], ['onset', 'outcome', 'narrative'], [], ['started', 'dose'], ['age']][index % 7]
  const state = index % 13 === 2 ? 'returned' : index % 9 === 4 ? 'uncoded' : index < 60 ? 'waiting' : 'reviewed'
  const serious = index % 17 === 3 ? 'death' : index % 4 === 1 ? 'serious' : 'general'
  return {
    number: `4304-25-${String(9800 - index).padStart(5, '0')}`, case_id: 'case-' + (9800 - index), version: index % 11 === 5 ? 2 : 1, kind: 'drug',
    source: sources[index % 6], organisation: hospital[0], organisation_name: hospital[1], city: hospital[2],
    received_on: dateOf(day), known_on: dateOf(day - 1 - (index % 3)), onset_on: gaps.includes('onset') ? null : dateOf(day - 2 - (index % 5)),
    products: [
      { name: state === 'uncoded' ? product.replace('注射用', '').slice(0, 4) + '（手写）' : product, approval: state === 'uncoded' ? '' : `国药准字H4302${String(1000 + (index % 20))}`, maker: makers[index % 5], batch: gaps.includes('batch') ? '' : `24${String(1 + (index % 12)).padStart(2, '0')}${10 + (index % 20)}`, coded: state !== 'uncoded' },
      ...(index % 8 === 0 ? [{ name: '氯化钠注射液', approval: '国药准字H43021999', maker: makers[0], batch: '240501', coded: true }] : []),
    ],
    reactions: [reactions[index % reactions.length][0], ...(index % 3 === 0 ? ['瘙痒'] : [])], seriousness: serious, outcome: gaps.includes('outcome') ? '' : serious === 'death' ? 'death' : outcomes[index % 4],
    causality: causalities[index % 5], sex: index % 2 ? 'female' : 'male', age_years: gaps.includes('age') ? null : 20 + ((index * 7) % 65),
    completeness: round(lacking(gaps).reduce((product_, gap) => product_ * (1 - gap.penalty), 1), 3), missing: lacking(gaps), state,
    duplicate_of: index % 19 === 6 ? `4304-25-${String(9800 - index - 4).padStart(5, '0')}` : null,
    dossier: state === 'reviewed' && index % 3 ? null : openDossier.id,
    dossier_state: { returned: '退回补正', uncoded: '已上报', waiting: '已上报', reviewed: '市县审核' }[state],
    weight_kg: index % 3 ? 62.5 : null,
    dossier_due: state === 'reviewed' ? null : dateOf(dayOf(today) + ((index * 5) % 17) - 3),
    return_reason: state === 'returned' ? '没有写明批号；请到药房核对留存的包装，确实没有的注明原因。' : null,
  }
})
function reportPage(query, empty) {
  const needle = query.get('search') ?? ''
  const state = query.get('state') ?? 'all'
  const found = (empty ? [] : reports).filter(
    (row) =>
      (state === 'all' || row.state === state) && (query.get('kind') ?? 'drug') === row.kind &&
      (!query.get('product') || row.products.some((one) => one.name === query.get('product'))) &&
      (!query.get('reaction') || row.reactions.includes(query.get('reaction'))) &&
      (row.number + row.products[0].name + row.reactions.join()).includes(needle),
  )
  const from = Number(query.get('after') ?? 0)
  const size = Number(query.get('limit') ?? 50)
  return {
    items: found.slice(from, from + size), next: from + size < found.length ? String(from + size) : null, total: found.length,
    uncoded: empty ? 0 : reports.filter((row) => row.state === 'uncoded').length, returned: empty ? 0 : reports.filter((row) => row.state === 'returned').length,
  }
}
function oneReport(number) {
  const row = reports.find((one) => one.number === number) ?? (/^4304-\d\d-\d{5}$/.test(number) ? { ...reports[5], number } : null)
  return row && {
    ...row,
    causalities: [
      { by: 'reporter', name: row.organisation_name, value: row.causality, on: row.received_on },
      { by: 'holder', name: '衡阳南岳生物制药有限公司', value: 'possible', on: row.received_on },
      { by: 'county', name: '珠晖区市场监督管理局', value: 'probable', on: today },
      { by: 'city', name: '', value: '', on: null },
      { by: 'province', name: '', value: '', on: null },
    ],
    versions: Array.from({ length: row.version }, (_, n) => ({ version: n + 1, received_on: row.received_on, seq: 48200 + n * 31, kind: n ? 'follow_up' : 'initial' })),
  }
}

const evidence = (a, b, same) => [
  { field: 'patient', name: '患者', a: '陈**', b: '陈**', bits: 7.21, words: '姓名掩码相同，全库 0.7% 的报告是这个写法' },
  { field: 'onset_on', name: '发生日期', a: a.onset_on ?? '', b: same ? (a.onset_on ?? '') : b.onset_on ?? '', bits: same ? 8.14 : -1.9, words: same ? '同一天' : '相差 3 日' },
  { field: 'age_years', name: '年龄', a: '63', b: same ? '63' : '66', bits: same ? 4.02 : -2.33, words: same ? '相同' : '相差 3 岁' },
  { field: 'sex', name: '性别', a: 'female', b: 'female', bits: 0.98, words: '相同' },
  { field: 'products', name: '怀疑产品', a: a.products[0].name, b: a.products[0].name, bits: 5.6, words: '相同，全库 2.1% 的报告有此品种' },
  { field: 'batch', name: '批号', a: '240817', b: same ? '240817' : '', bits: same ? 9.4 : 0, words: same ? '相同，少见' : '一方未填，不计' },
  { field: 'reactions', name: '反应', a: a.reactions.join('、'), b: b.reactions.join('、'), bits: 3.37, words: '一项相同' },
  { field: 'outcome', name: '转归', a: 'recovered', b: same ? 'improved' : 'not_improved', bits: same ? -0.41 : -1.25, words: '不同' },
  { field: 'city', name: '地区', a: a.city, b: b.city, bits: 1.9, words: '同市' },
]
const duplicatePairs = Array.from({ length: 17 }, (_, index) => {
  const a = reports[index * 2]
  const b = { ...reports[index * 2 + 1], products: a.products.slice(0, 1) }
  const list = evidence(a, b, index % 3 !== 2)
  return { a, b, bits: round(list.reduce((sum, one) => sum + one.bits, 0) - index * 0.4, 2), evidence: list, decision: null, reason: null }
}).sort((x, y) => y.bits - x.bits)

const sites = [...hospitals.slice(0, 7), ['h-8', '石鼓区疾病预防控制中心', '石鼓区'], ['h-9', '南岳区人民医院', '南岳区'], ['p-1', '来雁药房', '石鼓区'], ['h-10', '衡山县中医医院', '衡山县'], ['h-11', '衡南县人民医院', '衡南县']].map(
  ([organisation, name], index) => ({ organisation, name, kind: organisation.startsWith('p') ? 'pharmacy' : index === 7 ? 'cdc' : 'hospital', since: `202${1 + (index % 4)}-03-01`, last_report_on: index === 8 ? null : dateOf(dayOf(today) - [1, 2, 0, 4, 41, 3, 66, 9, 0, 35, 6, 12][index]), reports: [412, 388, 240, 166, 24, 131, 9, 77, 0, 18, 102, 64][index], silent: [4, 6, 8, 9].includes(index) }),
)
const sentinels = (empty) => ({
  active: empty ? 0 : 12, target: 15, silent: empty ? 0 : 4, silence_days: 30, sites: empty ? [] : sites,
  channels: empty ? [] : [['hospital', '医疗机构', 21074], ['holder', '持有人', 2411], ['distributor', '经营企业', 1435], ['person', '个人', 265]].map(([source, name, n]) => ({ source, name, reports: n, share: round(n / 25185) })),
  channel_alarm: !empty, channel_share_max: 0.8,
})

const judgements = [
  ['2025-07-04T18:10:00Z', 60118, 58000, 34795, 118, 4, 4, 1, 0],
  ['2025-07-03T18:10:00Z', 60061, 57948, 34770, 114, 0, 4, 1, 0],
  ['2025-07-02T18:10:00Z', 59998, 57890, 34741, 114, 2, 3, 0, 1],
].map(([at, reports_, cases_, pairs_, signals_, new_signals, clusters, new_clusters, withdrawn_clusters], index) => ({
  seq: 48390 - index * 30, at, reports: reports_, cases: cases_, pairs: pairs_, signals: signals_, new_signals, clusters, new_clusters, withdrawn_clusters, criterion: 'fda', dossiers: new_signals + new_clusters, changes: new_signals + new_clusters + withdrawn_clusters,
}))

/** Answers as the server would: the four minimum criteria, then what is missing and the clock. */
function receipt(body, keep) {
  const problems = []
  const say = (field, message, fatal = true) => problems.push({ field, code: fatal ? 'report_minimum' : 'report_doubtful', message, next: '', fatal })
  if (!body.product?.trim()) say('product', '须写明怀疑的产品。')
  if (!body.reactions?.length) say('reactions', '须写明至少一项反应。')
  if (!body.patient_name && !body.patient_number && !body.sex && body.age_years === undefined)
    say('patient_name', '须能识别患者：姓名、编号、性别或者年龄至少一项。')
  if (body.onset_on && body.onset_on > today) say('onset_on', `${body.onset_on} 在今天之后。请核对发生日期。`)
  if (!body.batch && !body.batch_missing) say('batch', '没有批号的，请说明原因。', false)
  const gaps = [
    [!body.started_on || !body.onset_on, 'started_on', '开始使用日期', 0.5], [!body.indication, 'indication', '用药原因', 0.3], [!body.outcome, 'outcome', '转归', 0.3],
    [!body.sex, 'sex', '性别', 0.3], [body.age_years === undefined, 'age_years', '年龄', 0.3], [!body.dose, 'dose', '用法用量', 0.1], [!body.narrative, 'narrative', '过程描述', 0.1],
  ].filter(([gone]) => gone)
  const known = body.known_on ?? today
  const days = { death: 0, serious: 15, social: 3, general: 30 }[body.seriousness] ?? 30
  return {
    number: keep ? '4304-25-09801' : null, dossier: keep ? openDossier.id : null, accepted: !problems.some((one) => one.fatal), problems,
    completeness: round(gaps.reduce((all, [, , , penalty]) => all * (1 - penalty), 1), 3),
    missing: gaps.map(([, field, name, penalty]) => ({ field, name, penalty })),
    clocks: [{ limit: 'ADR.OTHER', name: { death: '死亡报告', serious: '新的、严重的报告', social: '社会影响较大的报告', general: '一般报告' }[body.seriousness] ?? '一般报告', due_on: dateOf(dayOf(known) + days), late: dayOf(known) + days < dayOf(today) }],
    possible_duplicates: body.product === '参茯宁注射液' && body.onset_on ? ['4304-25-09788'] : [],
  }
}

const acknowledgement = `<?xml version="1.0" encoding="UTF-8"?>
<MCCI_IN200101UV01 ITSVersion="XML_1.0" xmlns="urn:hl7-org:v3"><id extension="${digest('ack').slice(0, 16)}"/></MCCI_IN200101UV01>
`
function imported(body) {
  if (!body.upload) return problem(422, 'field_missing', '缺少必填项', { where: 'upload' })
  return ok({
    batch: 48393, accepted: 3, repeated: 1, rejected: 2,
    reports: [
      ['CN-HN-2025-000181', 'CA', '已接收', openDossier.id], ['CN-HN-2025-000182', 'CA', '已接收，没有批号', openDossier.id], ['CN-HN-2025-000183', 'CR', '第 41 行：发生日期 2025-13-02 不是日期', null],
      ['CN-HN-2025-000184', 'CA', '已接收，疑似与 4304-25-09788 同例', openDossier.id], ['CN-HN-2025-000185', 'repeated', '以前收到过同样的内容，不另计', null], ['CN-HN-2025-000186', 'CR', '没有怀疑药品（G.k.1）', null],
    ].map(([number, code, message, dossier]) => ({ number, code, message, dossier })),
    acknowledgement: body.format === 'csv' ? null : acknowledgement,
  }, 201)
}

export function vigilance(seen, { method, part, query, body, empty, language }) {
  const decided = (seen.decided ??= new Map())
  const coded = (seen.coded ??= new Map())
  const none = () => problem(404, 'record_unknown', language === 'en' ? 'No such record' : '没有此记录', { detail: part.at(-1), next: language === 'en' ? 'Check the address.' : '请核对地址。' })
  const one = (value) => (value ? ok(value) : none())
  if (part[0] === 'public' && part[1] === 'reactions') {
    if (!body.product) return problem(422, 'field_missing', '缺少必填项', { errors: [{ where: 'product', code: 'field_missing', detail: '须写明用了什么。' }] })
    return ok({ ticket: 'R2507-3K8M-71' }, 201)
  }
  if (part[0] === 'sentinels') return ok(sentinels(empty))
  if (part[0] === 'duplicates') {
    if (method === 'POST') {
      const found = duplicatePairs.find((row) => row.a.number === body.a && row.b.number === body.b)
      if (!found) return none()
      if (!body.reason?.trim()) return problem(422, 'field_missing', '缺少必填项', { where: 'reason', detail: '须说明理由。' })
      decided.set(body.a + body.b, body.decision)
      return ok({ ...found, decision: body.decision, reason: body.reason })
    }
    const items = (empty ? [] : duplicatePairs)
      .map((row) => ({ ...row, decision: decided.get(row.a.number + row.b.number) ?? null, reason: decided.has(row.a.number + row.b.number) ? '同一患者，医院与持有人各报一份' : null }))
      .filter((row) => query.get('decided') === 'true' || !row.decision)
    return ok({ items, total: items.length, threshold_bits: 18.5 })
  }
  if (part[0] === 'signals') {
    if (!part[1]) return ok(signals(query, empty))
    if (part[1] === 'criteria') return ok(criteria(empty, language))
    if (part[1] === 'pair') return one(empty ? null : pair(query, language))
    if (part[1] === 'judgements') return method === 'POST' ? ok({ ...judgements[0], new_signals: 0, new_clusters: 0, dossiers: 0 }, 201) : ok({ items: empty ? [] : judgements })
    if (part[1] === 'clusters' && part[2]) return one(empty ? null : cluster(part[2]))
    if (part[1] === 'clusters')
      return ok({ as_of: asOf(empty), items: empty ? [] : clusterRows.filter((row) => query.get('open') !== 'true' || !row.dossier) })
  }
  if (part[0] === 'safety_reports') {
    if (part[1] === 'check') return ok(receipt(body, false))
    if (part[1] === 'imports') return imported(body)
    if (!part[1] && method === 'POST') {
      const answer = receipt(body, true)
      if (answer.accepted) return ok(answer, 201)
      return problem(422, 'report_minimum', '报告四要素不全', { errors: answer.problems.filter((row) => row.fatal).map((row) => ({ where: row.field, code: row.code, detail: row.message })) })
    }
    if (!part[1]) return ok(reportPage(query, empty))
    const found = empty ? null : oneReport(part[1])
    if (!found) return none()
    if (part[2] === 'coding') coded.set(part[1], { at: body.position ?? 0, product: body.product })
    const change = coded.get(part[1])
    if (change) found.products = found.products.map((row, index) => (index === change.at ? { ...row, name: change.product, approval: '国药准字H43021000', coded: true } : row))
    return ok(found)
  }
  return null
}
