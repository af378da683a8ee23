// The invented city behind the stand-in of the doors: stops, a checklist in two versions, penalties, an order to
// rectify, licences, staff.

import { createHash } from 'node:crypto'

export const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex')
const named = (id, zh, en) => ({ id, zh, en })
const cite = (text, zh, en) => ({ text, zh, en })
const today = '2025-07-02'
const authority = named(
  'shigu',
  '石鼓区市场监督管理局',
  'Shigu District Administration for Market Regulation',
)
const drug = named('drug', '药品', 'Drugs')
const state = (id, zh, en, terminal = false) => ({ id, zh, en, terminal })

const law = {
  dal129: cite('DAL 129', '《药品管理法》第129条', 'Drug Administration Law, Art. 129'),
  dal55: cite('DAL 55', '《药品管理法》第55条', 'Drug Administration Law, Art. 55'),
  dal36: cite('DAL 36', '《药品管理法》第36条', 'Drug Administration Law, Art. 36'),
  dal58: cite('DAL 58', '《药品管理法》第58条', 'Drug Administration Law, Art. 58'),
  dal99: cite('DAL 99', '《药品管理法》第99条', 'Drug Administration Law, Art. 99'),
  appr18: cite('APPR 18', '《程序规定》第18条', 'Procedure Provisions, Art. 18'),
}
const item = (id, zh, en, cited, severity, more = {}) => ({
  id,
  clause: cited.zh,
  zh,
  en,
  law: cited,
  severity,
  answer: 'conform',
  unit: '',
  min: null,
  max: null,
  photo: severity !== 'minor',
  always: severity === 'critical',
  finding: { zh: zh.replace(/。$/, '') + '：未做到。', en: 'Not done: ' + en },
  ...more,
})
const items = [
  item('r01', '证照悬挂在醒目位置，在有效期内。', 'Licences are displayed and valid.', law.dal99, 'minor'),
  item(
    'r02',
    '执业药师在岗，处方审核有记录。',
    'A licensed pharmacist is on duty; reviews are recorded.',
    law.dal58,
    'major',
  ),
  item(
    'r03',
    '供货单位有合法资质，随货同行单与实物一致。',
    'Suppliers are licensed; delivery notes match the goods.',
    law.dal55,
    'critical',
  ),
  item(
    'r04',
    '按规定扫码验收，追溯信息及时上传。',
    'Packs are scanned on receipt and reported in time.',
    law.dal36,
    'major',
  ),
  item('r05', '阴凉区温度', 'Temperature of the cool area', law.dal99, 'major', {
    answer: 'number',
    unit: '℃',
    min: '0',
    max: '20',
  }),
  item('r06', '货架上没有过期药品。', 'No expired medicine on the shelves.', law.dal129, 'critical'),
]
const marked = (one) => ({ ...one, mark: sha256(JSON.stringify(one)).slice(0, 8) })
function checklist(version) {
  const late = version !== '2025-01-01-aaaa1111'
  const all = late
    ? [
        ...items.slice(0, 3),
        {
          ...items[3],
          zh: '按规定扫码验收、扫码销售，追溯信息当日上传。',
          en: 'Packs are scanned on receipt and sale, reported the same day.',
        },
        ...items.slice(4),
        item(
          'r07',
          '处方药与非处方药分区陈列。',
          'Prescription and other medicines stand apart.',
          law.dal58,
          'minor',
        ),
      ]
    : items
  return {
    id: 'retail_drug',
    version,
    zh: '药品零售检查表',
    en: 'Checklist for retail pharmacies',
    category: drug,
    kinds: [named('pharmacy', '零售药店', 'Pharmacy')],
    activity: named('trade', '经营', 'Trade'),
    verified: true,
    note: '',
    law: [law.dal99],
    from: version.slice(0, 10),
    to: null,
    sections: [
      { id: 'a', zh: '资质与人员', en: 'Licences and staff', items: all.slice(0, 2).map(marked) },
      { id: 'b', zh: '采购与验收', en: 'Purchase and receipt', items: all.slice(2, 4).map(marked) },
      { id: 'c', zh: '陈列与储存', en: 'Display and storage', items: all.slice(4).map(marked) },
    ],
  }
}

const stop = (n, name, address, when, due, more = {}) => ({
  dossier: `石市监检〔2025〕${n}号`,
  version: 100 + n,
  title: `${name}监督检查`,
  state: state('approved', '已审批', 'Approved'),
  when,
  planned_on: when === 'today' ? today : null,
  due,
  operator: {
    id: 'op-' + n,
    name,
    kind: named('pharmacy', '零售药店', 'Pharmacy'),
    address,
    region: named('430407', '石鼓区', 'Shigu'),
    licences: [
      {
        kind: named('drug_trade', '药品经营许可证', 'Drug trade licence'),
        id: '湘CB7340' + n,
        status: 'valid',
        to: '2027-03-31',
      },
    ],
    open_rectifications: n % 2,
    last_visit: '2024-11-12',
  },
  category: drug,
  activity: named('trade', '经营', 'Trade'),
  reason: named('risk', '风险较高', 'Higher risk'),
  matters: '网络销售处方审核；既往问题整改情况。',
  unannounced: true,
  officers: [{ id: 'p-yi', name: '易南枝' }],
  returned: false,
  checklist: null,
  ...more,
})

const person = { id: 'p-yi', name: '易南枝' }
const people = {
  inspector: {
    name: '20731',
    person,
    roles: [named('inspector', '检查员', 'Inspector')],
    entry: 'field',
    operator: null,
  },
  operator_user: {
    name: 'laiyan',
    person: { id: 'p-luo', name: '罗晴川' },
    roles: [named('operator_user', '企业用户', 'User of an operator')],
    entry: 'portal',
    operator: { id: 'op-59', name: '来雁药房' },
  },
  village_informant: {
    name: 'v0071',
    person: { id: 'p-shan', name: '单有田' },
    roles: [named('village_informant', '村药品安全信息员', 'Village drug safety informant')],
    entry: 'field',
    operator: null,
  },
}
const session = (who) => ({
  account: 'a-' + who.name,
  ...who,
  organisation: authority,
  permissions: [],
  sample_data: true,
  limited: null,
  code_enrolled: false,
  password_until: null,
  signed_in_at: '2025-07-02T00:30:00Z',
  ends_at: '2025-07-02T12:30:00Z',
  idle_minutes: 30,
})

const penalty = (n, name, violation, kinds, fine) => ({
  id: `pub-${n}`,
  decision_number: `衡市监处罚〔2025〕${n}号`,
  party: {
    name,
    uscc: `91430400MA4L${String(n).padStart(6, '0')}`,
    region: named('430407', '石鼓区', 'Shigu'),
  },
  violation,
  category: drug,
  penalties: kinds,
  content: '没收违法购进的药品，并处罚款。',
  fine_fen: fine,
  authority: named(
    'hengyang_bureau',
    '衡阳市市场监督管理局',
    'Hengyang Administration for Market Regulation',
  ),
  decided_on: '2025-06-20',
  published_on: '2025-06-27',
  shown_until: '2028-06-27',
  law: [law.dal55, law.dal129],
})
const kinds = [
  named('fine', '罚款', 'Fine'),
  named('confiscate_goods', '没收非法财物', 'Confiscation of goods'),
]
const penalties = Array.from({ length: 37 }, (_, index) =>
  penalty(
    100 + index,
    ['澄和堂大药房珠晖二店', '雁峰景和大药房', '合江套药房', '松木百姓药房'][index % 4] +
      (index > 3 ? `（${index}）` : ''),
    named('illegal_source', '从非法渠道购进药品', 'Bought medicines from an unlawful source'),
    kinds,
    1864000 + index * 1000,
  ),
)
const violator = {
  id: 'sv-1',
  party: {
    name: '衡东县某医药有限公司',
    uscc: '91430424MA4L000001',
    region: named('430424', '衡东县', 'Hengdong'),
  },
  ground: named('fake', '生产、销售假药', 'Made or sold fake medicines'),
  decision_number: '衡市监处罚〔2024〕88号',
  authority: penalties[0].authority,
  told_on: '2024-11-01',
  listed_on: '2024-12-01',
  published_on: '2024-12-02',
  removed_on: '2027-12-01',
  removal_applied: false,
  law: [law.dal129],
  verified: true,
}
const publicForm = {
  reasons: [
    {
      ...named('opened', '药盒像是别人用过、拆过的', 'The pack looks used or opened'),
      violation: true,
      anonymous: true,
    },
    {
      ...named('no_prescription', '没有处方也卖处方药', 'Prescription medicine sold without one'),
      violation: true,
      anonymous: true,
    },
    {
      ...named('expired', '过期，或者看不清有效期', 'Expired, or the date cannot be read'),
      violation: true,
      anonymous: true,
    },
    { ...named('refund', '买了药要求退款', 'Wants money back'), violation: false, anonymous: false },
    { ...named('other', '其他', 'Something else'), violation: false, anonymous: true },
  ],
  categories: [drug, named('device', '医疗器械', 'Devices'), named('cosmetic', '化妆品', 'Cosmetics')],
  counties: [named('430407', '石鼓区', 'Shigu'), named('430405', '珠晖区', 'Zhuhui')],
  photos_max: 3,
  photo_bytes_max: 6_000_000,
  text_max: 2000,
  law: [law.appr18],
}

const clock = (id, zh, en, due, left, standing, cited) => ({
  limit: id,
  zh,
  en,
  due,
  left,
  unit: 'working_day',
  standing,
  law: cited,
})
const field = (id, zh, en, type, required, more = {}) => ({
  id,
  zh,
  en,
  type,
  vocabulary: '',
  required,
  ...more,
})
function rectification(seen) {
  const answered = seen.answered
  const offers = answered
    ? []
    : [
        {
          step: 'submit',
          zh: '提交整改报告',
          en: 'Hand in the rectification',
          refusal: null,
          needs: [named('', '整改情况和证明材料', 'what was done and the proof')],
          form: [
            field('measures', '整改情况', 'What was done', 'long_text', true),
            field('done_on', '完成日期', 'Done on', 'date', true),
            field('cause', '原因', 'Cause', 'word', false, {
              words: [named('staff', '人员疏忽', 'Staff'), named('system', '制度缺失', 'No rule')],
            }),
            field('proof', '证明材料', 'Proof', 'evidence', true),
          ],
          officers: 0,
          by: [named('operator_user', '企业用户', 'User of an operator')],
          to: state('submitted', '已提交', 'Handed in'),
          law: [law.dal99],
          documents: [],
          clocks: [],
          opens: null,
          approval: null,
          automatic: false,
        },
        {
          step: 'extend',
          zh: '申请延期',
          en: 'Ask for more time',
          refusal: {
            code: 'too_late',
            title: { zh: '已过申请时间', en: 'Too late' },
            message: {
              zh: '延期须在期限届满三个工作日前申请，现在还剩 2 个工作日。',
              en: 'More time must be asked for three working days before the end; two are left.',
            },
            where: '',
            law: [law.dal99],
            next: {
              zh: '请按期提交；确有困难的，联系石鼓区局。',
              en: 'Hand in on time; if you cannot, call the authority.',
            },
            next_step: 'submit',
            not_before: null,
          },
          needs: [],
          form: [],
          officers: 0,
          by: [],
          to: null,
          law: [law.dal99],
          documents: [],
          clocks: [],
          opens: null,
          approval: null,
          automatic: false,
        },
      ]
  const row = {
    id: '石市监责改〔2025〕59号',
    title: '不能提供随货同行单和发票',
    procedure: named('rectification', '责令改正', 'Rectification'),
    state: answered ? state('submitted', '已提交', 'Handed in') : state('ordered', '已责令', 'Ordered'),
    authority,
    category: drug,
    opened_on: '2025-06-18',
    closed_on: null,
    open: true,
    version: answered ? 4712 : 4711,
    clock: answered
      ? null
      : clock('RECT.DEADLINE', '改正期限', 'Time to rectify', '2025-07-04', 2, 'near', law.dal99),
    to_do: answered ? [] : [named('submit', '提交整改报告', 'Hand in the rectification')],
  }
  return {
    row,
    whole: {
      ...row,
      attributes: [
        {
          id: 'problem',
          zh: '存在的问题',
          en: 'Problem',
          type: 'long_text',
          value: '盐酸二甲双胍缓释片 12 盒，批号 241103，不能提供随货同行单和发票。',
        },
        {
          id: 'demand',
          zh: '改正要求',
          en: 'Demand',
          type: 'long_text',
          value: '补齐票据，建立逐批核对记录。',
        },
      ],
      clocks: [],
      offers,
      events: [
        {
          seq: 4700,
          on: '2025-06-18',
          step: null,
          to: state('ordered', '已责令', 'Ordered'),
          by: 'authority',
          documents: [named('rect_01', '责令改正通知书', 'Order')],
          evidence: [],
          form: [],
        },
        ...(answered
          ? [
              {
                seq: 4712,
                on: today,
                step: named('submit', '提交整改报告', 'Handed in'),
                to: state('submitted', '已提交', 'Handed in'),
                by: 'enterprise',
                documents: [],
                evidence: seen.answered.evidence ?? [],
                form: [
                  {
                    id: 'measures',
                    zh: '整改情况',
                    en: 'What was done',
                    type: 'long_text',
                    value: seen.answered.form.measures,
                  },
                ],
              },
            ]
          : []),
      ],
    },
  }
}
const licences = () => ({
  near_days: 180,
  licences: [
    {
      id: '湘CB7340059',
      kind: named('drug_trade', '药品经营许可证', 'Drug trade licence'),
      scopes: [named('otc', '非处方药', 'OTC'), named('rx', '处方药', 'Prescription')],
      status: named('valid', '有效', 'Valid'),
      from: '2020-10-15',
      to: '2025-10-14',
      days_left: 104,
      standing: 'near',
      renew_from: '2025-04-14',
      renew_until: '2025-08-14',
      renewal: null,
      law: cite('ORD84 24', '《药品经营和使用质量监督管理办法》第24条', 'Order 84, Art. 24'),
    },
    {
      id: '湘衡械经营备20230059',
      kind: named('device', '医疗器械经营备案', 'Device trade filing'),
      scopes: [],
      status: named('valid', '有效', 'Valid'),
      from: '2023-02-01',
      to: null,
      days_left: null,
      standing: 'valid',
      renew_from: null,
      renew_until: null,
      renewal: null,
      law: null,
    },
  ],
  certificates: [
    {
      person: { id: 'p-tang', name: '汤若川' },
      certificate: '执业药师注册证',
      to: '2025-06-30',
      days_left: -2,
      standing: 'ended',
    },
    {
      person: { id: 'p-luo', name: '罗晴川' },
      certificate: '从业人员健康证',
      to: '2026-03-31',
      days_left: 272,
      standing: 'valid',
    },
  ],
})
const staff = [
  ['p-luo', '罗晴川'],
  ['p-tang', '汤若川'],
  ['p-bai', '白露'],
  ['p-jiang', '江听雨'],
].map(([id, name]) => ({ id, name }))
function training(seen) {
  const done = staff.filter((one) => seen.acknowledged.has(one.id))
  return {
    id: 'tr-1',
    title: '网络销售处方药新规培训',
    text: '每名营业员须阅读《药品网络销售监督管理办法》第三章，并签收。',
    kind: named('training', '培训', 'Training'),
    authority,
    state: state('open', '签收中', 'Open'),
    opened_on: '2025-06-20',
    deadline: '2025-07-10',
    days_left: 8,
    version: 300 + done.length,
    staff: staff.length,
    acknowledged: done.length,
    share: (done.length / staff.length).toFixed(4),
    people: staff.map((one) => ({
      person: one,
      acknowledged_on: seen.acknowledged.get(one.id) ?? null,
      in_post: true,
    })),
  }
}

const notices = [
  {
    id: 'n-1',
    kind: 'before_due',
    dossier: '石市监责改〔2025〕59号',
    procedure: named('rectification', '责令改正', 'Rectification'),
    limit: named('RECT.DEADLINE', '改正期限', 'Time to rectify'),
    due_on: '2025-07-04',
    text: {
      zh: '石市监责改〔2025〕59号的改正期限 7 月 4 日届满。',
      en: 'The time to rectify ends on 4 July.',
    },
    link: '',
    at: '2025-07-01T00:10:00Z',
    read: false,
    escalated: false,
  },
]

export {
  named,
  today,
  authority,
  drug,
  state,
  law,
  items,
  checklist,
  stop,
  person,
  people,
  session,
  penalties,
  violator,
  publicForm,
  field,
  rectification,
  licences,
  staff,
  training,
  notices,
}
