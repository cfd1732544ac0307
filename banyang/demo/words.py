"""What the demo office's organisations are called and what they do; all of it made up."""

from partners.models import Partner

Kind = Partner.Kind

# Auspicious words that shops like to be called by.
LUCKY = [
    "和顺",
    "瑞丰",
    "吉祥",
    "鸿运",
    "福源",
    "永兴",
    "泰和",
    "康乐",
    "锦绣",
    "顺达",
    "佳美",
    "天成",
    "万家",
    "同心",
    "德盛",
    "春晖",
    "金穗",
    "百姓",
    "民生",
    "惠众",
    "祥云",
    "聚贤",
    "博雅",
    "启明",
    "明德",
    "向阳",
    "清泉",
    "润泽",
    "长青",
    "兴隆",
    "安康",
    "如意",
]

# Trades: suffix of the name, kind, what they can offer, how many of the 151 there are.
TRADES: list[tuple[str, str, str, int]] = [
    ("理发店", Kind.SOLE_TRADER, "每月为老人、残疾人免费理发", 12),
    ("大药房", Kind.ENTERPRISE, "测血压血糖、过期药品回收、用药咨询", 10),
    ("便民超市", Kind.SOLE_TRADER, "为高龄老人送货上门", 12),
    ("家电维修部", Kind.SOLE_TRADER, "小家电免费检修，只收配件费", 7),
    ("修脚堂", Kind.SOLE_TRADER, "大集现场免费修脚、足部护理", 5),
    ("餐饮店", Kind.SOLE_TRADER, "为空巢老人送餐", 8),
    ("口腔诊所", Kind.ENTERPRISE, "口腔健康筛查", 5),
    ("眼镜店", Kind.SOLE_TRADER, "免费验光、清洗维修眼镜", 5),
    ("物业服务有限公司", Kind.ENTERPRISE, "楼道照明维修、扶手加装", 8),
    ("装饰工程有限公司", Kind.ENTERPRISE, "居家适老化改造、便民座椅安装", 5),
    ("家政服务有限公司", Kind.ENTERPRISE, "油烟机、空调清洗公益名额", 6),
    ("律师事务所", Kind.SOCIAL, "每月公益法律咨询", 5),
    ("村镇银行", Kind.ENTERPRISE, "金融知识讲座、零钱兑换、信息栏安装", 5),
    ("财产保险支公司", Kind.ENTERPRISE, "保险咨询与理赔协助", 3),
    ("培训学校", Kind.INSTITUTION, "书法绘画、声乐课程", 7),
    ("幼儿园", Kind.INSTITUTION, "亲子活动、场地开放", 5),
    ("绘本馆", Kind.SOLE_TRADER, "四点半课堂、绘本借阅", 3),
    ("书店", Kind.SOLE_TRADER, "流动图书角、旧书捐赠", 3),
    ("健身俱乐部", Kind.ENTERPRISE, "健身操教学、体质测试", 4),
    ("志愿服务中心", Kind.SOCIAL, "陪老人过节过生日、走访困难群众", 6),
    ("助残服务中心", Kind.SOCIAL, "辅具捐赠与维修、按摩理疗", 3),
    ("应急救援队", Kind.SOCIAL, "心肺复苏、海姆立克培训", 2),
    ("社区卫生服务站", Kind.INSTITUTION, "健康查体、家庭医生签约", 6),
    ("派出所", Kind.GOVERNMENT, "反诈宣传、治安联防", 2),
    ("司法所", Kind.GOVERNMENT, "矛盾调解、法治宣传", 1),
    ("市场监管所", Kind.GOVERNMENT, "食品药品安全宣传、开业指导", 1),
    ("电动车行", Kind.SOLE_TRADER, "免费打气、检查刹车和线路", 4),
    ("裁缝铺", Kind.SOLE_TRADER, "免费缝补、改裤脚", 3),
    ("影城", Kind.ENTERPRISE, "公益电影放映", 1),
    ("花店", Kind.SOLE_TRADER, "绿化认养、节日送花", 3),
]

# Projects of the kind that the programme's press tells of: service code of the catalogue, title,
# places, unit, partners may take several, which trade claims it.
EXAMPLES: list[tuple[str, str, int, str, bool, str]] = [
    ("CS03-01", "为全部360个单元安装信息宣传栏", 360, "块", True, "村镇银行"),
    ("XJ03-01", "四点半课堂：放学后到绘本馆看书写作业", 1, "", False, "绘本馆"),
    ("XJ04-01", "每月健康查体：测血压、测血糖", 3, "", False, "社区卫生服务站"),
    ("SQ05-01", "老年人免费理发日", 4, "", False, "理发店"),
    ("SQ05-03", "小家电免费维修进楼院", 2, "", False, "家电维修部"),
    ("CS03-02", "楼前便民座椅安装", 40, "张", True, "装饰工程有限公司"),
    ("SQ04-01", "中秋走访困难群众", 5, "", False, "志愿服务中心"),
    ("XJ02-01", "反诈知识进楼院", 1, "", False, "派出所"),
    ("ZX02-02", "金融知识讲座：守住养老钱", 1, "", False, "村镇银行"),
    ("SQ01-01", "心肺复苏与海姆立克实操培训", 1, "", False, "应急救援队"),
    ("SQ05-04", "上门换灯泡、修水龙头", 3, "", False, "物业服务有限公司"),
    ("SQ03-02", "陪独居老人过生日", 4, "", False, "志愿服务中心"),
    ("SQ03-05", "老人手机课堂", 2, "", False, "培训学校"),
    ("WT01-06", "广场公益电影放映", 1, "", False, "影城"),
]

NEEDS = [
    "{n}号楼二单元楼道灯不亮，晚上老人上下楼不方便",
    "楼前没有坐的地方，想装两把长椅",
    "家里老人行动不便，希望有人上门理发",
    "孩子三点半放学没人接，想找个看书写作业的地方",
    "小区健身器材坏了一台，希望修一修",
    "想请人讲讲怎么防电信诈骗，老人总接到陌生电话",
    "家里的高压锅、电饭煲坏了，附近找不到修的地方",
    "希望社区组织量血压、测血糖",
    "{n}号楼东头路面有个坑，下雨积水",
    "独居老人想有人定期打个电话问候",
    "想学用手机挂号、缴水电费",
    "楼道堆物太多，担心着火",
    "希望晚上有人管一管广场舞的音量",
    "电动车没地方充电，飞线太多",
    "想请律师问问房产继承怎么办",
]

ANSWERS = {
    "solved": "已请合伙人上门办好，回访居民表示满意。",
    "partly": "已先解决一部分，余下的列入下一季度安排。",
    "unsolved": "此处管线属产权单位，已转请处理，有进展再告知。",
    "rejected": "内容涉及个人隐私，不在公开栏发布，社区已单独联系。",
}

STALL_OFFERS = [
    "免费理发", "量血压、测血糖", "免费修脚", "家电维修", "磨刀配钥匙", "法律咨询",
    "验光、修眼镜", "反诈宣传", "缝补改衣", "金融知识咨询", "亲子绘本", "电动车检修",
]  # fmt: skip
