// Invented data for developing and testing the desk without the server: a city, its units, its people, its
// shops. Nothing here is real, and nothing here reaches the product.

export const named = (id, zh, en) => ({ id, zh, en })
export const today = '2025-07-05'
export const now = '2025-07-05T01:14:00Z'
export const dayOf = (date) => Date.parse(date + 'T00:00:00Z') / 86_400_000
export const dateOf = (day) => new Date(day * 86_400_000).toISOString().slice(0, 10)

/** A repeatable stream of numbers in [0, 1). */
export function stream(seed) {
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
  ...[
    ['hengyang_county', '衡阳县', 'Hengyang County', 1],
    ['leiyang', '耒阳市', 'Leiyang', 1],
    ['qidong', '祁东县', 'Qidong', 1],
    ['zhuhui', '珠晖区', 'Zhuhui', 1],
    ['zhengxiang', '蒸湘区', 'Zhengxiang', 1],
    ['shigu', '石鼓区', 'Shigu', 1],
    ['hengnan', '衡南县', 'Hengnan', 0],
    ['hengshan', '衡山县', 'Hengshan', 0],
    ['hengdong', '衡东县', 'Hengdong', 0],
    ['changning', '常宁市', 'Changning', 0],
    ['yanfeng', '雁峰区', 'Yanfeng', 0],
    ['nanyue', '南岳区', 'Nanyue', 0],
  ].map(([id, zh, en, reports]) => [id, zh, en, 'hengyang', reports]),
].map(([id, zh, en, parent, reports]) => ({
  id,
  zh,
  en,
  parent,
  reports: reports === 1 && id !== 'hengyang_bureau',
  department: named('market_regulator', '市场监管', 'Market regulation'),
  level: parent ? 'county' : 'city',
  region: '',
  kind: 'authority',
  from: '2019-01-01',
  ended_on: null,
  successor: null,
}))
export const units = organisations
  .filter((one) => one.parent)
  .map((one) => ({ ...one, own: one.id === 'hengyang_bureau' }))

export const people = [
  ['p-licheng', '李承砚', 'hengyang_bureau', 'officer', '执法人员', 'Officer'],
  ['p-zhoupei', '周沛', 'hengyang_bureau', 'officer', '执法人员', 'Officer'],
  ['p-heming', '何明屿', 'hengyang_bureau', 'legal_reviewer', '法制审核', 'Legal reviewer'],
  ['p-tangting', '唐汀', 'hengyang', 'head_of_authority', '负责人', 'Head of authority'],
  ['p-xiezhi', '谢知行', 'leiyang', 'officer', '执法人员', 'Officer'],
  ['p-zouting', '邹汀兰', 'qidong', 'officer', '执法人员', 'Officer'],
].map(([id, name, org, role, zh, en]) => ({
  id,
  name,
  organisation: organisation(org),
  roles: [named(role, zh, en)],
  certificate: 'HN-' + id,
  certificate_to: '2027-12-31',
  qualified: role === 'officer',
}))
export function organisation(id) {
  const one = organisations.find((other) => other.id === id)
  return named(id, one?.zh ?? id, one?.en ?? id)
}
export const person = (id) => ({ id, name: people.find((one) => one.id === id)?.name ?? null })

export const unit = {
  visit: named('visit', '家次', 'visits'),
  finding: named('finding', '个', 'findings'),
  order: named('order', '份', 'orders'),
  meeting: named('meeting', '次', 'interviews'),
  case: named('case', '件', 'cases'),
  entity: named('entity', '家', 'entities'),
  lead: named('lead', '条', 'leads'),
  person: named('person', '人', 'people'),
  share: named('share', '%', '%'),
}
export const campaign = named('qingyuan', '清源行动', 'Qingyuan campaign')

export const shops = [
  '同泰仁药房',
  '永安康药店',
  '石鼓仁汇药房',
  '西渡百佳药店',
  '澄和堂大药房珠晖二店',
  '蒸水堂药号',
  '立新惠民药房',
  '青草桥药房',
  '东风康益药店',
  '宝诚医药批发',
  '雁城同善药房',
  '灶市益民药房',
  '金兰村卫生室',
  '归阳福寿药店',
  '来雁药房',
  '茶山坳惠康药店',
]
export const causes = [
  ['不凭处方销售处方药', 'sold prescription drugs without a prescription'],
  ['从非法渠道购进药品', 'bought drugs through illegal channels'],
  ['执业药师不在岗', 'no pharmacist on duty'],
  ['购销记录不真实', 'false purchase records'],
  ['销售超过有效期的药品', 'sold expired drugs'],
]
