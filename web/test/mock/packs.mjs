// Invented trace data for developing and testing the pages of packs without the server: firms, four packs with a
// story (sold twice across two cities, a case that was opened, a recall, a return), findings by rule and county, files with
// rejects. Nothing here is real, and nothing here reaches the product.
//   packs(seen, {method, part, query, body, empty, language, operator}) → answer | null

import { digest, stream } from './names.mjs'
import { custodyRules } from './rules.mjs'

const ok = (body, status = 200) => ({ status, body })
const problem = (status, code, title, more = {}) => {
  const body = { type: 'urn:qingyuan:error:' + code, title, status, code, detail: '', where: '', ...more }
  return { status, body, problem: body, headers: { 'Content-Type': 'application/problem+json' } }
}
const at = (text) => text.replace(' ', 'T') + ':00+08:00'

const regions = [
  ['430405', '珠晖区', 'Zhuhui', 'zhuhui'],
  ['430406', '雁峰区', 'Yanfeng', 'yanfeng'],
  ['430407', '石鼓区', 'Shigu', 'shigu'],
  ['430408', '蒸湘区', 'Zhengxiang', 'zhengxiang'],
  ['430412', '南岳区', 'Nanyue', 'nanyue'],
  ['430421', '衡阳县', 'Hengyang County', 'hengyang_county'],
  ['430422', '衡南县', 'Hengnan', 'hengnan'],
  ['430423', '衡山县', 'Hengshan', 'hengshan'],
  ['430424', '衡东县', 'Hengdong', 'hengdong'],
  ['430426', '祁东县', 'Qidong', 'qidong'],
  ['430481', '耒阳市', 'Leiyang', 'leiyang'],
  ['430482', '常宁市', 'Changning', 'changning'],
]
const operators = Object.fromEntries(
  [
    ['M1', '湖南澄岳制药有限公司', 'manufacturer', '430104', 'changsha'],
    ['M2', '衡阳南岳生物制药有限公司', 'manufacturer', '430412', 'nanyue'],
    ['W1', '湘衡医药批发有限公司', 'wholesaler', '430405', 'zhuhui'],
    ['W2', '郴州林邑药业有限公司', 'wholesaler', '431003', 'chenzhou'],
    ['W3', '宝诚医药批发有限公司', 'wholesaler', '430481', 'leiyang'],
    ['H1', '衡阳澄和堂大药房连锁有限公司', 'chain_headquarters', '430405', 'zhuhui'],
    ['S1', '澄和堂大药房珠晖二店', 'chain_store', '430405', 'zhuhui'],
    ['S2', '澄和堂大药房灶市店', 'chain_store', '430481', 'leiyang'],
    ['S3', '澄和堂大药房西渡店', 'chain_store', '430421', 'hengyang_county'],
    ['S4', '澄和堂大药房北湖店', 'chain_store', '431002', 'chenzhou'],
    ['P1', '来雁药房', 'pharmacy', '430407', 'shigu'],
    ['P2', '同泰仁药房', 'pharmacy', '430408', 'zhengxiang'],
    ['P3', '青草桥药房', 'pharmacy', '430407', 'shigu'],
    ['P4', '归阳福寿药店', 'pharmacy', '430426', 'qidong'],
    ['P5', '东风康益药店', 'pharmacy', '430482', 'changning'],
    ['P6', '雁城同善药房', 'pharmacy', '430406', 'yanfeng'],
    ['P7', '金兰村卫生室', 'hospital', '430421', 'hengyang_county'],
    ['P8', '茶山坳惠康药店', 'pharmacy', '430405', 'zhuhui'],
    ['P9', '立新惠民药房', 'pharmacy', '430424', 'hengdong'],
    ['U1', '衡阳市示例医院', 'hospital', '430406', 'yanfeng'],
  ].map(([id, name, type, region, organisation]) => [id, { id, name, type, region, organisation }]),
)
const products = {
  8100001: ['盐酸二甲双胍缓释片 0.5 g × 30 片', 'Metformin hydrochloride SR tablets 0.5 g × 30', 'M1', ''],
  8100002: ['注射用头孢曲松钠 1.0 g', 'Ceftriaxone sodium for injection 1.0 g', 'M2', ''],
  8100003: ['地西泮片 2.5 mg × 100 片', 'Diazepam tablets 2.5 mg × 100', 'M1', 'psychotropic_2'],
}
const batches = {
  241103: ['8100001', '2024-11-12', '2026-10-31', null],
  B240817: ['8100002', '2024-08-17', '2026-08-16', '2025-06-20'],
  250106: ['8100003', '2025-01-06', '2027-01-05', null],
}
const text = (language, pair) => pair[language === 'en' ? 1 : 0]
const lawNames = {
  DAL: ['《药品管理法》第{n}条', 'Drug Administration Law, Art. {n}'],
  NARC: ['《麻醉药品和精神药品管理条例》第{n}条', 'Narcotics Regulation, Art. {n}'],
  ORD84: ['《药品经营和使用质量监督管理办法》第{n}条', 'Order 84, Art. {n}'],
  ORD58: ['《药品网络销售监督管理办法》', 'Order 58 on online sales'],
  HIFUND: ['《医疗保障基金使用监督管理条例》第{n}条', 'Insurance Fund Regulation, Art. {n}'],
  NHSATRACE: ['医保药品追溯码管理通知', 'Notice on trace codes in settlement'],
  GSP: ['《药品经营质量管理规范》', 'Good Supply Practice'],
}
const law = (citation, language) => {
  const [act, article = ''] = citation.split(' ')
  const items = article.replace(/\((\d+)\)/g, language === 'en' ? '($1)' : '第$1项')
  const plain = language === 'en' ? items : article.replace(/\(.*$/, '')
  return { citation, name: text(language, lawNames[act] ?? [citation, citation]).replace('{n}', plain) }
}

/** Events from a short writing: id, action, actor, counterparty, time, uploaded, document, more. */
function events(rows, batch) {
  return rows.map(([id, action, actor, counterparty, time, uploaded, document, more = {}]) => ({
    id,
    action,
    actor: operators[actor],
    counterparty: counterparty ? operators[counterparty] : null,
    owner: more.owner ? operators[more.owner] : null,
    time: at(time),
    uploaded: at(uploaded),
    batch: more.batch ?? batch,
    document: document || null,
    split: more.split ?? false,
    via_parent: more.via ?? null,
    moved_by_clock: more.moved ?? false,
    ...(more.reason ? { reason: more.reason } : {}),
  }))
}
const edge = (from, to, shipped, received, time) => ({
  from: operators[from],
  to: operators[to],
  shipped,
  received,
  time: at(time),
})
const box = '81000090000000000170'
export const codes = {
  twice: '81000010012345678901',
  box,
  opened: '81000010012345679023',
  recalled: '81000020000045120377',
  returned: '81000030000000770124',
  transit: '(01)06901234567892(21)A1B2C3',
}
const chain = [
  ['e101', 'produce', 'M1', '', '2024-11-12 09:20', '2024-11-12 18:00', 'R241112'],
  ['e102', 'ship', 'M1', 'W1', '2024-11-20 10:05', '2024-11-20 18:00', 'D0318', { via: box }],
  ['e103', 'receive', 'W1', 'M1', '2024-11-22 15:40', '2024-11-22 20:11', 'D0318', { via: box }],
  ['e104', 'ship', 'W1', 'H1', '2024-12-03 08:30', '2024-12-03 19:02', 'D1204'],
  [
    'e105',
    'receive',
    'H1',
    'W1',
    '2024-12-03 08:24',
    '2024-12-04 09:00',
    'D1204',
    { moved: true },
  ],
  ['e106', 'ship', 'H1', 'S1', '2024-12-10 07:50', '2024-12-10 19:00', 'T0991'],
  ['e107', 'receive', 'S1', 'H1', '2024-12-11 09:12', '2024-12-11 21:30', 'T0991'],
]
const chainEdges = [
  edge('M1', 'W1', 'e102', 'e103', '2024-11-20 10:05'),
  edge('W1', 'H1', 'e104', 'e105', '2024-12-03 08:30'),
  edge('H1', 'S1', 'e106', 'e107', '2024-12-10 07:50'),
]
const told = {
  [codes.twice]: {
    batch: '241103',
    product: '8100001',
    whereabouts: ['used', 'S4'],
    events: [
      ...chain,
      ['e108', 'dispense', 'S1', '', '2025-03-11 10:42', '2025-03-11 10:44', ''],
      ['e109', 'receive', 'S4', 'W2', '2025-04-02 16:20', '2025-05-30 09:10', 'X77'],
      ['e110', 'dispense', 'S4', '', '2025-04-09 18:05', '2025-06-02 08:30', ''],
    ],
    superseded: [
      ['e107', 'receive', 'S1', 'H1', '2024-12-11 09:12', '2024-12-11 21:30', 'T0991', { reason: 'sent_again' }],
      [
        'e090',
        'receive',
        'S1',
        'H1',
        '2024-12-11 09:12',
        '2024-12-11 20:05',
        'T0991',
        { reason: 'corrected', batch: '241130' },
      ],
    ],
    edges: [...chainEdges, edge('W2', 'S4', null, 'e109', '2025-04-02 16:20')],
    parents: [box],
    findings: [
      ['second_sale', 'e110', 'S4', 'S1', 'confirmed', '2025-04-09 18:05', 'lead-2025-0412'],
      ['receipt_after_sale', 'e109', 'S4', 'W2', 'confirmed', '2025-04-02 16:20', 'lead-2025-0412'],
      ['outside_purchase', 'e109', 'S4', 'W2', 'confirmed', '2025-04-02 16:20', 'lead-2025-0413'],
      ['receipt_without_shipment', 'e109', 'S4', 'W2', 'provisional', '2025-04-02 16:20', null, 'W2', '2025-07-14 09:10'],
    ],
  },
  [codes.opened]: {
    batch: '241103',
    product: '8100001',
    whereabouts: ['held', 'S3'],
    events: [
      ...chain.slice(0, 5),
      ['e206', 'ship', 'H1', 'S3', '2024-12-12 08:10', '2024-12-12 19:00', 'T1002'],
      ['e207', 'receive', 'S3', 'H1', '2024-12-13 10:30', '2024-12-13 20:40', 'T1002'],
    ],
    superseded: [],
    edges: [...chainEdges.slice(0, 2), edge('H1', 'S3', 'e206', 'e207', '2024-12-12 08:10')],
    parents: [box],
    findings: [],
  },
  [codes.recalled]: {
    batch: 'B240817',
    product: '8100002',
    whereabouts: ['used', 'P1'],
    events: [
      ['e301', 'produce', 'M2', '', '2024-08-17 08:00', '2024-08-17 18:00', 'R0817'],
      ['e302', 'ship', 'M2', 'W3', '2024-09-02 09:00', '2024-09-02 19:00', 'N2209'],
      ['e303', 'receive', 'W3', 'M2', '2024-09-03 11:00', '2024-09-03 20:00', 'N2209'],
      ['e304', 'ship', 'W3', 'P1', '2024-10-15 08:30', '2024-10-15 18:30', 'B0415'],
      ['e305', 'receive', 'P1', 'W3', '2024-10-15 16:45', '2024-10-15 21:00', 'B0415'],
      ['e306', 'dispense', 'P1', '', '2025-06-26 19:20', '2025-06-26 19:24', ''],
    ],
    superseded: [],
    edges: [
      edge('M2', 'W3', 'e302', 'e303', '2024-09-02 09:00'),
      edge('W3', 'P1', 'e304', 'e305', '2024-10-15 08:30'),
    ],
    parents: [],
    findings: [['sale_after_recall', 'e306', 'P1', null, 'confirmed', '2025-06-26 19:20', 'lead-2025-0702']],
  },
  [codes.returned]: {
    batch: '250106',
    product: '8100003',
    whereabouts: ['in_transit', null],
    events: [
      ['e401', 'produce', 'M1', '', '2025-01-06 09:00', '2025-01-06 18:00', 'R0106'],
      ['e402', 'ship', 'M1', 'W1', '2025-01-14 09:00', '2025-01-14 18:00', 'D0114'],
      ['e403', 'receive', 'W1', 'M1', '2025-01-16 14:00', '2025-01-16 20:00', 'D0114'],
      ['e404', 'ship', 'W1', 'U1', '2025-02-11 09:30', '2025-02-11 18:00', 'D0211'],
      ['e405', 'receive', 'U1', 'W1', '2025-02-11 15:00', '2025-02-11 19:00', 'D0211'],
      ['e406', 'return_out', 'U1', 'W1', '2025-03-04 10:00', '2025-03-04 18:00', 'RT0304'],
      ['e407', 'return_in', 'W1', 'U1', '2025-03-06 11:00', '2025-03-06 18:00', 'RT0304'],
      ['e408', 'ship', 'W1', 'P2', '2025-06-27 09:00', '2025-06-27 18:00', 'D0627', { owner: 'W3' }],
    ],
    superseded: [],
    edges: [
      edge('M1', 'W1', 'e402', 'e403', '2025-01-14 09:00'),
      edge('W1', 'U1', 'e404', 'e405', '2025-02-11 09:30'),
      edge('U1', 'W1', 'e406', 'e407', '2025-03-04 10:00'),
      edge('W1', 'P2', 'e408', null, '2025-06-27 09:00'),
    ],
    parents: [],
    findings: [],
  },
  [codes.transit]: {
    batch: null,
    product: null,
    whereabouts: ['unknown', null],
    events: [],
    superseded: [],
    edges: [],
    parents: [],
    findings: [],
  },
  [box]: {
    batch: '241103',
    product: '8100001',
    whereabouts: ['unknown', null],
    events: [
      ['e102', 'ship', 'M1', 'W1', '2024-11-20 10:05', '2024-11-20 18:00', 'D0318'],
      ['e103', 'receive', 'W1', 'M1', '2024-11-22 15:40', '2024-11-22 20:11', 'D0318'],
    ],
    superseded: [],
    edges: [edge('M1', 'W1', 'e102', 'e103', '2024-11-20 10:05')],
    parents: [],
    children: 240,
    findings: [],
  },
}

const ruleOf = (id) => custodyRules.find((one) => one.rule === id)
const shown = (instant) => instant.slice(0, 16).replace('T', ' ')
function sentence(rule, values, language) {
  return rule.explain[language === 'en' ? 'en' : 'zh'].replace(
    /\{(\w+)\}/g,
    (_, name) => values[name] ?? { earlier_batch: '241130', minutes: '6', count: '3' }[name] ?? '3',
  )
}
/** A finding of `rule` about `actor`, in the asked language. */
function finding(one, language) {
  const rule = ruleOf(one.rule)
  const [product] = one.batch ? batches[one.batch] : ['8100001']
  const values = {
    actor: operators[one.operator].name,
    counterparty: one.other ? operators[one.other].name : operators.W1.name,
    earlier_actor: one.other ? operators[one.other].name : operators.S1.name,
    headquarters: operators.H1.name,
    holder: operators.M1.name,
    seller: operators.W1.name,
    buyer: operators[one.operator].name,
    silent: one.silent ? operators[one.silent].name : operators.W1.name,
    code: one.code,
    document: one.document,
    product: text(language, products[product]),
    batch: one.batch ?? '241103',
    origin_batch: '241130',
    time: shown(one.time),
    earlier_time: shown(one.earlier ?? one.first_seen),
    recalled_at: '2025-06-20',
    expires_at: '2025-05-31',
    recalled: '2025-06-20',
    expires: '2025-05-31',
    invoiced: '200',
    shipped: '188',
    counted: '188',
    days: '34',
  }
  return {
    number: rule.number,
    rule: rule.rule,
    title: language === 'en' ? rule.en : rule.zh,
    severity: rule.severity,
    key: one.key,
    status: one.status,
    operator: operators[one.operator],
    other: one.other ? operators[one.other] : null,
    code: one.code,
    document: one.document ?? null,
    batch: one.batch,
    time: one.time,
    first_seen: one.first_seen,
    waits_until: one.waits_until ?? null,
    silent: one.silent ? operators[one.silent] : null,
    explanation: sentence(rule, values, language),
    next: rule.next[language === 'en' ? 'en' : 'zh'],
    law: rule.law.map((citation) => law(citation, language)),
    rule_version: '2025-06-01',
    region: operators[one.operator].region,
    region_name: operators[one.operator].region,
    evidence: one.evidence ?? [],
    lead: one.lead ?? null,
  }
}

const silences = ['W1', 'W2', 'W3', 'H1', 'M1']
function invented() {
  const next = stream(41)
  const pick = (list) => list[Math.floor(next() * list.length)]
  const local = Object.values(operators).filter((one) => /^[SP]/.test(one.id) && one.region !== '431002')
  const weights = [9, 14, 22, 17, 5, 6, 7, 8, 3, 8, 4, 26, 12, 9]
  const rows = []
  custodyRules.forEach((rule) => {
    const many = rule.number ? weights[rule.number - 1] : Math.floor(next() * 5)
    for (let n = 0; n < many; n += 1) {
      const day = 1 + Math.floor(next() * 30)
      const hour = 8 + Math.floor(next() * 12)
      const time = at(`2025-06-${String(day).padStart(2, '0')} ${String(hour).padStart(2, '0')}:${String(10 + Math.floor(next() * 49))}`)
      const provisional = rule.absence && next() < 0.45
      const status = provisional ? 'provisional' : next() < 0.07 ? 'withdrawn' : 'confirmed'
      const serial = String(100000 + Math.floor(next() * 899999))
      const code = '8100001' + '000' + serial + String(1000 + Math.floor(next() * 8999))
      const id = 'e' + (5000 + rows.length)
      rows.push({
        rule: rule.rule,
        key: rule.unit === 'code' ? code : rule.unit === 'document' ? 'F' + serial : id,
        operator: pick(local).id,
        other: pick(silences),
        status,
        code: rule.unit === 'document' || rule.unit === 'operator' || rule.unit === 'person' ? null : code,
        document: rule.unit === 'document' ? 'F' + serial : null,
        batch: pick(['241103', '241103', 'B240817', '250106']),
        time,
        first_seen: time,
        silent: provisional ? pick(silences) : null,
        waits_until: provisional ? at(`2025-07-${String(4 + Math.floor(next() * 16)).padStart(2, '0')} 09:00`) : null,
        lead: status === 'confirmed' && next() < 0.6 ? `lead-2025-${String(400 + rows.length).padStart(4, '0')}` : null,
      })
    }
  })
  return rows
}
const storied = Object.entries(told).flatMap(([code, one]) =>
  one.findings.map(([rule, key, operator, other, status, time, lead, silent, waits]) => ({
    rule,
    key,
    operator,
    other,
    status,
    code,
    document: null,
    batch: one.batch,
    time: at(time),
    earlier: at('2025-03-11 10:42'),
    first_seen: at('2025-06-02 08:31'),
    silent: silent ?? null,
    waits_until: waits ? at(waits) : null,
    lead,
  })),
)
const all = [...storied, ...invented()]

/** A pack nobody wrote a story about: the usual way, and the event the finding names. */
function plain(code) {
  const found = all.filter((one) => one.code === code)
  if (!found.length) return null
  const one = found[0]
  const time = shown(one.time)
  const last = [one.key, /receipt|purchase/.test(one.rule) ? 'receive' : 'dispense', one.operator, /receipt|purchase/.test(one.rule) ? one.other : '', time, time, '']
  return {
    batch: one.batch,
    product: batches[one.batch][0],
    whereabouts: ['used', one.operator],
    events: [...chain.slice(0, 4).map((row) => [...row.slice(0, 7), {}]), last],
    superseded: [],
    edges: chainEdges.slice(0, 1),
    parents: [],
    findings: [],
    found,
  }
}
function pack(code, language) {
  const one = told[code] ?? plain(code)
  if (!one) return null
  const [productCode, made, expires, recalled] = one.batch ? batches[one.batch] : []
  const kind = code.startsWith('(01)') ? 'gs1' : 'national'
  const count = one.children ?? 0
  return {
    code,
    kind,
    product: one.product
      ? {
          code: productCode,
          name: text(language, products[one.product]),
          holder: operators[products[one.product][2]],
          class: products[one.product][3],
        }
      : null,
    batch: one.batch ? { id: one.batch, produced: made, expires, recalled } : null,
    whereabouts: { fate: one.whereabouts[0], holder: one.whereabouts[1] ? operators[one.whereabouts[1]] : null },
    events: events(one.events, one.batch),
    superseded: events(one.superseded, one.batch),
    edges: one.edges,
    parents: one.parents,
    children: {
      count,
      first: Array.from({ length: Math.min(200, count) }, (_, n) => '810000100123' + String(45678000 + n * 7)),
    },
    findings: (one.found ?? storied.filter((row) => row.code === code)).map((row) => finding(row, language)),
  }
}

function batch(id, language) {
  const known = batches[id]
  if (!known) return null
  const recalled = id === 'B240817'
  const fates = recalled
    ? { produced: 12000, held: 1406, in_transit: 0, used: 9982, destroyed: 480, sampled: 24, unaccounted: 108 }
    : { produced: 24000, held: 2118, in_transit: 240, used: 21606, destroyed: 12, sampled: 12, unaccounted: 12 }
  const firms = ['H1', 'W1', 'S1', 'U1', 'P2', 'S2', 'P1', 'P3', 'S3', 'P4', 'P5', 'P6', 'P8', 'P9', 'P7']
  let left = fates.held
  const holders = firms.map((firm, n) => {
    const held = n === firms.length - 1 ? left : Math.max(1, Math.floor(left * 0.36))
    left -= held
    return { operator: operators[firm], held }
  })
  return {
    batch: {
      id,
      product: { code: known[0], name: text(language, products[known[0]]) },
      holder: operators[products[known[0]][2]],
      produced: known[1],
      expires: known[2],
      recalled: known[3],
    },
    fates,
    holders: holders.filter((one) => one.held > 0).sort((a, b) => b.held - a.held),
    findings: all.filter((one) => one.batch === id && one.status !== 'withdrawn').length,
  }
}

function summary(empty, language) {
  const now = empty ? [] : all
  return {
    as_of: { batch: empty ? 0 : 48391, judged: empty ? null : at('2025-07-05 09:02') },
    rules: custodyRules.map((rule) => {
      const own = now.filter((one) => one.rule === rule.rule)
      const count = (list, status) => list.filter((one) => one.status === status).length
      return {
        number: rule.number,
        rule: rule.rule,
        title: language === 'en' ? rule.en : rule.zh,
        severity: rule.severity,
        article: rule.law.map((one) => law(one, language).name).join(language === 'en' ? ', ' : '、'),
        provisional: count(own, 'provisional'),
        confirmed: count(own, 'confirmed'),
        withdrawn: count(own, 'withdrawn'),
        by_region: [...regions, ...(empty ? [] : [['431002', '北湖区', 'Beihu', 'chenzhou']])].map(([region, zh, en]) => {
          const there = own.filter((one) => operators[one.operator].region === region)
          return {
            region,
            name: language === 'en' ? en : zh,
            provisional: count(there, 'provisional'),
            confirmed: count(there, 'confirmed'),
          }
        }),
      }
    }),
    events: empty ? 0 : 10020251,
    codes: empty ? 0 : 1340022,
    waiting: empty ? 0 : 37,
    conflicts: empty ? 0 : 4,
  }
}
function findings(query, empty, language) {
  const is = (name, value) => !query.get(name) || query.get(name) === value
  const found = (empty ? [] : all).filter(
    (one) =>
      is('rule', one.rule) &&
      is('status', one.status) &&
      is('operator', one.operator) &&
      is('region', operators[one.operator].region),
  )
  const from = Number(query.get('after') ?? 0)
  const size = Number(query.get('limit') ?? 50)
  return {
    items: found.slice(from, from + size).map((one) => finding(one, language)),
    next: from + size < found.length ? String(from + size) : null,
    total: found.length,
  }
}
function rules(empty, language) {
  const next = stream(3)
  return {
    rules: custodyRules.map((rule) => {
      const leads = empty ? 0 : Math.floor(next() * 60)
      const to_case = Math.floor(leads * (0.35 + next() * 0.4))
      const closed = Math.floor((leads - to_case) * next() * 0.6)
      return {
        number: rule.number,
        rule: rule.rule,
        title: language === 'en' ? rule.en : rule.zh,
        version: rule.status === 'verified' ? '2025-06-01' : '2025-06-20',
        severity: rule.severity,
        law: rule.law.map((one) => law(one, language).name).join(language === 'en' ? ', ' : '、'),
        status: rule.status,
        absence: rule.absence,
        leads,
        to_case,
        closed_no_violation: closed,
        open: leads - to_case - closed,
        precision: to_case + closed ? (to_case / (to_case + closed)).toFixed(4) : null,
      }
    }),
  }
}
function operatorTrace(id, empty, language) {
  const own = (empty ? [] : all).filter((one) => one.operator === 'P1')
  const count = (rule, status) => own.filter((one) => one.rule === rule && one.status === status).length
  return {
    operator: operators[id] ?? { ...operators.P1, id },
    licence: { from: '2022-03-15', to: '2027-03-14', scopes: [] },
    balance: empty
      ? []
      : [
          ['8100001', '241103', 42],
          ['8100001', '250211', 118],
          ['8100002', 'B240817', 6],
          ['8100003', '250106', 0],
        ].map(([code, number, held]) => ({
          product: { code, name: text(language, products[code]) },
          batch: number,
          held,
        })),
    lag: empty
      ? { events: 0, p50_hours: 0, p99_hours: 0, grace_hours: 720, assumed: true }
      : { events: 4218, p50_hours: 3, p99_hours: 61, grace_hours: 84, assumed: false },
    findings_by_rule: [...new Set(own.map((one) => one.rule))].map((rule) => ({
      rule,
      title: language === 'en' ? ruleOf(rule).en : ruleOf(rule).zh,
      provisional: count(rule, 'provisional'),
      confirmed: count(rule, 'confirmed'),
      withdrawn: count(rule, 'withdrawn'),
    })),
  }
}

const files = [
  ['48391', '来雁药房_20250704.csv', '2025-07-05 08:58', 1204, 1189, 9, 6],
  ['48377', 'capture-8831.json', '2025-07-05 07:30', 20418, 20418, 0, 0],
  ['48352', '澄和堂_配送_0704.xlsx', '2025-07-04 22:10', 8120, 8092, 28, 0],
  ['48340', 'W1-desadv-20250704.xml', '2025-07-04 19:02', 3300, 3269, 0, 31],
]
const causes = [
  ['code', 'code_malformed', ['追溯码“{v}”是 19 位，应为 20 位', 'The code “{v}” has 19 digits instead of 20'], ['对照药盒补全这一位后重传本行', 'Compare with the pack, complete it and send the row again'], '8100001001234567890'],
  ['event_time', 'time_invalid', ['时间“{v}”不存在', 'There is no time “{v}”'], ['改成形如 2025-07-04T10:30:00+08:00 的时间', 'Write it like 2025-07-04T10:30:00+08:00'], '2025-06-31 10:30'],
  ['actor', 'wrong_organisation', ['“{v}”不是本企业的编号', '“{v}” is not the number of this enterprise'], ['只上传本企业经手的记录；该行由“{v}”自己上传', 'Upload only what your enterprise handled; “{v}” uploads this row itself'], 'W1'],
  ['event_time', 'time_future', ['时间“{v}”在将来', 'The time “{v}” lies in the future'], ['校准收银系统的时钟，再重传本行', 'Set the clock of the till and send the row again'], '2025-08-01 09:00'],
]
function file(seq, language) {
  const known = files.find((one) => one[0] === String(seq))
  if (!known) return null
  const [batchSeq, name, time, lines, accepted, rejected, waiting] = known
  return {
    batch: Number(batchSeq),
    name,
    at: at(time),
    source: 'upload',
    lines,
    accepted,
    rejected,
    waiting,
    digest: digest(name),
    by: '李承砚',
    rejects: Array.from({ length: rejected }, (_, n) => {
      const [field, code, message, next, value] = causes[n % causes.length]
      const say = (pair) => text(language, pair).replaceAll('{v}', value)
      return { file: name, row: 14 + n * 37, field, code, message: say(message), next: say(next) }
    }),
    waiting_rows: Array.from({ length: waiting }, (_, n) => ({
      row: 61 + n * 12,
      reason: n % 2 ? (language === 'en' ? 'product 8199999 is not registered yet' : '产品 8199999 还没有登记') : language === 'en' ? 'operator W99 is not registered yet' : '企业 W99 还没有登记',
    })),
  }
}
function importing(seen, body, language) {
  if (!body.upload) return problem(422, 'field_missing', '缺少必填项', { where: 'upload' })
  if (/\.(exe|png)$/i.test(body.name ?? ''))
    return problem(422, 'file_type', language === 'en' ? 'This kind of file cannot be read' : '读不了这种文件', {
      detail: body.name,
      next: language === 'en' ? 'Upload CSV, XLSX, or EPCIS as JSON or XML.' : '请上传 CSV、XLSX，或者 EPCIS 的 JSON、XML。',
    })
  const id = 'job-' + (seen.jobs.size + 1)
  const view = {
    id,
    kind: 'pack_import',
    state: 'running',
    done: 0,
    total: 1204,
    created_at: '2025-07-05T01:14:00Z',
    finished_at: null,
    problem: null,
    result: null,
    succeeded: 0,
    refused: 0,
    waiting: 0,
  }
  const outcome = { ...file('48391', language), name: body.name, findings: { provisional: 3, confirmed: 2, withdrawn: 1 } }
  seen.jobs.set(id, { view, outcome, pack: true })
  return ok({ job: id }, 202)
}
/** The events of an import, in five looks. */
export function importEvents(job) {
  const looks = [0.2, 0.5, 0.8].map((share) => ({
    ...job.view,
    done: Math.round(1204 * share),
    succeeded: Math.round(1189 * share),
    refused: Math.round(9 * share),
    waiting: Math.round(6 * share),
  }))
  Object.assign(job.view, {
    state: 'done',
    done: 1204,
    succeeded: 1189,
    refused: 9,
    waiting: 6,
    finished_at: '2025-07-05T01:14:02Z',
    result: {
      name: 'report.json',
      type: 'application/json',
      bytes: 4211,
      digest: digest('import'),
      expires_at: '2025-07-06T00:00:00Z',
    },
  })
  return [...looks, { ...job.view }]
}

/** The job routes of imports; null for other jobs. */
export function packJobs(seen, part) {
  const job = part[0] === 'jobs' && part[1] ? seen.jobs.get(part[1]) : null
  if (!job?.pack) return null
  if (part[2] === 'events') return { status: 200, events: importEvents(job), pace: 260 }
  return ok(part[2] === 'result' ? job.outcome : job.view)
}

export function publicPack(query, language) {
  const given = (query.get('code') ?? '').normalize('NFKC').replace(/[\s-]/g, '')
  const say = (zh, en) => (language === 'en' ? en : zh)
  const answer = (more) => ({
    code: given,
    well_formed: true,
    kind: given.startsWith('(01)') ? 'gs1' : 'national',
    product: { name: text(language, products['8100001']) },
    maker: operators.M1.name,
    issued: 'yes',
    sale: 'sold_once',
    expired: false,
    recalled: false,
    warn: false,
    advice: '',
    report: null,
    ...more,
  })
  const warn = (what) => ({ warn: true, report: { prefill: { code: given, what } } })
  if (!/^\d{20}$|^\(01\)/.test(given))
    return ok({
      ...answer({ well_formed: false, product: null, maker: null, issued: 'unknown', sale: 'not_sold', ...warn('') }),
      problem: {
        title: say(`追溯码应为 20 位数字，现在是 ${given.length} 位`, `A trace code has 20 digits; this one has ${given.length}`),
        next: say('请对照药盒再输入一遍。', 'Compare it with the box and type it again.'),
      },
      advice: say('进口药和部分药品用别的编码。', 'Imported medicines may use other codes.'),
    })
  if (given === codes.twice)
    return ok(
      answer({
        sale: 'sold_before',
        advice: say('这个追溯码有两次售出记录。先不要服用，留好药盒和小票。', 'This code was sold twice. Do not take it; keep the box and the receipt.'),
        ...warn(say('追溯码显示这盒药以前卖出过', 'The code shows that this pack was sold before')),
      }),
    )
  if (given === codes.recalled)
    return ok(
      answer({
        product: { name: text(language, products['8100002']) },
        maker: operators.M2.name,
        recalled: true,
        advice: say('这批药已经召回。停止使用，退回买药的药店。', 'This batch is recalled. Stop using it and take it back to the pharmacy.'),
        ...warn(say('买到已经召回的药', 'I was sold a recalled medicine')),
      }),
    )
  if (given.endsWith('0000'))
    return ok(
      answer({
        issued: 'unknown',
        product: null,
        maker: null,
        sale: 'not_sold',
        advice: say('没有查到这个号码的生产记录。再核对一遍号码；仍查不到的，先不要服用。', 'No production record was found. Check the number again; if it is still not found, do not take it.'),
        ...warn(say('追溯码查不到', 'The code cannot be found')),
      }),
    )
  if (given.startsWith('89') || given.startsWith('('))
    return ok(
      answer({
        issued: 'elsewhere',
        product: null,
        maker: null,
        sale: 'not_sold',
        advice: say('号码由外省或者国外企业发放，本页查不到流向。', 'The code was issued elsewhere; this page cannot follow it.'),
      }),
    )
  return ok(
    answer({
      sale: given === codes.opened ? 'not_sold' : 'sold_once',
      advice: say('没有发现问题。号码没有问题，不等于药品一定没有问题。', 'Nothing wrong was found. A good code does not prove a good medicine.'),
    }),
  )
}

export function packs(seen, { method, part, query, body, empty, language }) {
  const one = (value) =>
    value
      ? ok(value)
      : problem(404, 'record_unknown', language === 'en' ? 'No such record' : '没有此记录', {
          detail: part[2] ?? '',
          next: language === 'en' ? 'Check the number and try again.' : '请核对号码后再试。',
        })
  switch (part[1]) {
    case 'codes':
      return one(empty ? null : pack(part[2], language))
    case 'batches':
      if (method === 'POST')
        return ok({ notified: 13, without_account: [operators.P7, operators.P9] })
      return one(empty ? null : batch(part[2], language))
    case 'operators':
      return ok(operatorTrace(part[2], empty, language))
    case 'findings':
      return ok(findings(query, empty, language))
    case 'summary':
      return ok(summary(empty, language))
    case 'rules':
      return ok(rules(empty, language))
    case 'files':
      if (part[2]) return one(file(part[2], language))
      return ok({
        items: empty ? [] : files.map((row) => ({ ...file(row[0], language), rejects: undefined, waiting_rows: undefined })),
        next: null,
      })
    case 'imports':
      return importing(seen, body, language)
    default:
      return null
  }
}
