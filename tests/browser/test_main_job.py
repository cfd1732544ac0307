"""The main job from the partner list to the solved need, as its people do it, in Chinese.

One story in acts; each hands the next what it found. It is told on a desktop, on a phone, and
without JavaScript.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from io import StringIO
from types import SimpleNamespace
from typing import Any

import openpyxl
import pytest
from django.core import mail
from django.core.management import call_command
from django.utils import timezone

from banyang.accounts.factories import UserFactory
from banyang.office.calendar import decent_moments
from banyang.reminders.sending import send_batch
from communities.factories import SecretaryFactory
from communities.models import Community
from partners.factories import MemberFactory
from partners.models import Partner
from projects.catalogue.models import Group, Service
from projects.claims.models import Claim
from tests.browser.conftest import DESKTOP, PHONE, Visitor
from tests.partners.imports.conftest import code, saved

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PASSWORD = "hehuoren-2026"
STAFF_PHONE, SECRETARY_PHONE, MEMBER_PHONE = "19911110001", "19911110002", "19911110003"
NEED = "3号楼道灯坏了半个月，晚上老人下楼怕摔着"
REPAIR, HAIRCUT = "3号楼楼道灯维修", "老年人免费理发"
WINDOWS = {
    "desktop": {"viewport": DESKTOP},
    "phone": {"viewport": PHONE},
    "without-javascript": {"viewport": DESKTOP, "javascript": False},
}


@dataclass
class Story:
    """Who is in it, each before a browser of their own, and what they have come to."""

    newcomer: Callable[..., Visitor]
    community: Community
    service: Service
    group: Group

    def __post_init__(self) -> None:
        self.staff, self.secretary = self.newcomer(), self.newcomer()
        self.resident, self.first, self.second = (self.newcomer() for _ in range(3))
        self.found = SimpleNamespace()


@pytest.fixture
def story(request: pytest.FixtureRequest, visitor: Callable[..., Visitor], tmp_path: Any) -> Story:
    settings = request.getfixturevalue("settings")
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path},
        },
    }
    call_command("load_reference", stdout=StringIO())
    community = Community.objects.order_by("code")[0]
    staff = UserFactory(username="jiedao", name="张主任", phone=STAFF_PHONE, is_staff=True)
    secretary = UserFactory(username="shuji", name="李书记", phone=SECRETARY_PHONE)
    SecretaryFactory(community=community, user=secretary)
    for person in (staff, secretary):
        person.set_password(PASSWORD)
        person.save()
    window = WINDOWS[request.param]
    service = Service.objects.select_related("group")[0]
    return Story(lambda **who: visitor(**who, **window), community, service, service.group)


@pytest.mark.parametrize("story", WINDOWS, indirect=True)
def test_the_main_job(story: Story) -> None:
    staff_import_the_partner_list(story)
    staff_sign_one_more_partner_and_invite_its_member(story)
    member_sets_a_password_and_is_at_home(story)
    resident_puts_a_need_on_the_board(story)
    secretary_makes_a_project_of_the_need(story)
    secretary_drafts_from_the_catalogue_and_publishes(story)
    partners_claim_and_one_comes_too_late(story)
    secretary_confirms_with_a_plan(story)
    partner_records_what_was_done(story)
    place_passes_on_and_the_next_in_line_is_told(story)
    staff_stop_a_reminder_and_resend_it(story)
    secretary_completes_and_the_need_shows_it(story)
    market_day_is_planned_and_a_stall_taken(story)


# --- Partners ------------------------------------------------------------------------------


def awkward_list(community: str) -> bytes:
    """A list as offices keep it: a title, merged cells, digits of full width, numbers as numbers."""
    book = openpyxl.Workbook()
    sheet = book.active
    for line in (
        ["般阳路街道合伙人名单"],
        [],
        ["编号", "单位名称 ", "单位性质", "统一社会信用代码（18位）", "联系人", "联系电话", "所属社区", "签约时间"],
        [1, "般阳理发店", "个体工商户", "", "王小明", 13900000001, community, "2026年1月5日"],
        ["２", " 淄川绘本馆", "社会组织", "", "李芳", "１３９ ００００ ０００２", None, date(2026, 1, 6)],
        [],
        ["", "三泰家电维修部", "企业", code(3), "赵强", "1390", community, ""],
        ["", "慧眼眼镜店", "企业", code(4), "孙丽", 13900000004, community, ""],
    ):  # fmt: skip
        sheet.append(line)
    sheet.merge_cells("A1:H1")
    sheet.merge_cells("G4:G5")
    return saved(book)


def staff_import_the_partner_list(story: Story) -> None:
    staff = story.staff
    staff.sign_in(STAFF_PHONE, PASSWORD)
    staff.sees("张主任")
    staff.click("导入名单")
    content = awkward_list(story.community.short_name)
    file = {"name": "合伙人名单.xlsx", "mimeType": "application/vnd.ms-excel", "buffer": content}
    staff.page.set_input_files("input[type=file]", file)
    staff.click("上传并查看")
    staff.click("与合伙人名单比对")
    staff.sees("“联系电话”：“1390”不是电话号码")
    staff.click("只导入无误的3行")
    staff.go("合伙人")
    staff.sees("淄川绘本馆")
    staff.fill(q="bylfd")
    staff.click("显示")
    staff.sees("般阳理发店")
    staff.sees("139****0001")
    assert staff.page.get_by_text("淄川绘本馆").count() == 0


def staff_sign_one_more_partner_and_invite_its_member(story: Story) -> None:
    staff = story.staff
    staff.click("录入合伙人")
    staff.fill(name="明亮电工服务部", kind="个体工商户", contact_name="周师傅")
    staff.fill(contact_phone=MEMBER_PHONE, community=story.community.short_name)
    staff.click("录入")
    staff.click("审核通过")
    staff.click("审核通过")
    staff.click("签约")
    staff.click("签约")
    staff.sees("第3号合伙人")
    staff.click("邀请人员")
    staff.fill(name="周师傅", phone=MEMBER_PHONE)
    staff.click("邀请")
    letter = staff.page.locator("#letter").input_value()
    found = re.search(r"https?://\S+", letter)
    assert found
    story.found.link = found[0]


def member_sets_a_password_and_is_at_home(story: Story) -> None:
    first = story.first
    first.open(story.found.link)
    first.fill(new_password1=PASSWORD, new_password2=PASSWORD)
    first.click("设置密码并登录")
    first.sees("您好，周师傅")
    first.sees("明亮电工服务部")
    library = Partner.objects.get(name="淄川绘本馆")
    user = MemberFactory(partner=library, user__name="李芳", user__phone="19911110004").user
    story.second = story.newcomer(user=user)


# --- Needs and lists -----------------------------------------------------------------------


def resident_puts_a_need_on_the_board(story: Story) -> None:
    resident = story.resident
    resident.open("/")
    resident.go("需求发布栏")
    resident.click("我要提需求")
    resident.fill(community=story.community.short_name, text=NEED, location="3号楼2单元")
    resident.click("提交给社区")
    resident.sees("回执号")
    story.found.receipt = resident.page.url
    resident.go("需求发布栏")
    assert resident.page.get_by_text(NEED).count() == 0


def secretary_makes_a_project_of_the_need(story: Story) -> None:
    secretary = story.secretary
    secretary.sign_in(SECRETARY_PHONE, PASSWORD)
    secretary.click("核实")
    story.found.need = secretary.page.url
    secretary.click("核实并上栏")
    secretary.fill(group=story.group.name)
    secretary.click("上栏公开")
    secretary.click("转为项目")
    secretary.click("新建项目清单")
    secretary.click("新建清单")
    story.found.list = secretary.page.url
    secretary.open(story.found.need)
    secretary.click("转为项目")
    secretary.fill(title=REPAIR)
    secretary.click("保存草稿")
    secretary.sees("项目草稿已保存")


def secretary_drafts_from_the_catalogue_and_publishes(story: Story) -> None:
    secretary = story.secretary
    secretary.open(story.found.list)
    secretary.click("起草项目")
    secretary.fill(service=story.service.name)
    secretary.click("用服务项目填写名称和说明")
    secretary.fill(title=HAIRCUT, location="社区活动室")
    secretary.click("保存草稿")
    secretary.open(story.found.list)
    secretary.click("发布清单")
    secretary.sees(f"{REPAIR}、{HAIRCUT}")
    secretary.fill(opens_at=f"{timezone.localtime():%Y-%m-%dT%H:%M}")
    secretary.click("发布清单")
    secretary.sees("已发布2个项目")
    secretary.click(HAIRCUT)
    secretary.sees("开放认领")


# --- Claims --------------------------------------------------------------------------------


def partners_claim_and_one_comes_too_late(story: Story) -> None:
    first, second = story.first, story.second
    first.open("/home/")
    first.click(REPAIR)
    first.click("认领本项目")
    first.named("认领").dblclick()
    first.arrives("/claims/")
    first.look()
    first.sees("明亮电工服务部已认领本项目")
    assert Claim.objects.count() == 1
    story.found.claim = first.page.url
    second.open("/home/")
    second.go("可认领项目")
    second.click(REPAIR)
    second.click("加入候补")
    second.click("加入候补")
    second.sees("淄川绘本馆已进入候补")
    second.sees("您排在候补第1位。")


def secretary_confirms_with_a_plan(story: Story) -> None:
    secretary, today = story.secretary, timezone.localdate()
    secretary.open("/home/")
    secretary.click("协商实施计划")
    secretary.click("确认认领")
    secretary.fill(
        aim="楼道亮起来，老人晚上下楼不摔跤",
        content="检修线路，换上声控灯，每季度回访一次",
        deadline_on=f"{today + timedelta(days=30)}",
    )
    # The second is far enough away that nothing is said of it yet, whatever holidays lie between.
    for row, (text, days) in enumerate((("上门查看线路", 1), ("更换声控灯", 25))):
        secretary.fill(**{f"steps-{row}-text": text})
        secretary.fill(**{f"steps-{row}-due_on": f"{today + timedelta(days=days)}"})
    secretary.click("确认认领")
    secretary.sees("认领已确认")


def partner_records_what_was_done(story: Story) -> None:
    first = story.first
    first.go("我的认领")
    first.click(REPAIR)
    first.sees("换上声控灯")
    first.click("填写服务记录")
    first.fill(content="换好2单元楼道灯6盏", residents_served="24")
    first.click("记录")
    first.sees("换好2单元楼道灯6盏")
    first.click("标记完成")
    first.sees("“上门查看线路”已标记完成")


def place_passes_on_and_the_next_in_line_is_told(story: Story) -> None:
    first, second = story.first, story.second
    for partner, way in ((first, ("认领本项目", "认领")), (second, ("加入候补", "加入候补"))):
        partner.go("可认领项目")
        partner.click(HAIRCUT)
        for step in way:
            partner.click(step)
    first.click("退出")
    first.fill(reason="店里人手不够")
    first.click("退出")
    first.sees("已退出")
    soon, _next_day = decent_moments(timezone.now())
    send_batch(soon)
    assert any("淄川绘本馆" in letter.body for letter in mail.outbox)
    second.go("收件箱")
    second.sees(f"“{HAIRCUT}”（{story.community.short_name}）空出名额，已由淄川绘本馆递补")


# --- Reminders and results -----------------------------------------------------------------


def staff_stop_a_reminder_and_resend_it(story: Story) -> None:
    staff = story.staff
    staff.go("提醒")
    staff.fill(q="周师傅", state="待发送")
    staff.click("显示")
    staff.page.locator("tbody tr", has_text="更换声控灯").locator("th a").first.click()
    staff.page.wait_for_url("**/reminders/*/")
    staff.look()
    staff.sees("更换声控灯")
    staff.click("停发")
    staff.fill(reason="已当面说过")
    staff.click("停发")
    staff.sees("提醒已停发")
    staff.click("重新发送")
    staff.click("重新发送")
    staff.sees("提醒已进入对方的收件箱")
    story.first.go("收件箱")
    story.first.sees("更换声控灯")


def secretary_completes_and_the_need_shows_it(story: Story) -> None:
    secretary, resident = story.secretary, story.resident
    secretary.open(story.found.claim)
    secretary.click("办结")
    secretary.sees("步骤“更换声控灯”尚未完成")
    secretary.look()
    secretary.click("办结")
    secretary.sees("认领已办结")
    secretary.click(REPAIR)
    secretary.click("办结项目")
    secretary.sees("办结后不能再认领")
    secretary.click("办结项目")
    secretary.sees("项目已办结")
    secretary.open("/home/")
    secretary.click("填写办理结果")
    secretary.click("填写办理结果")
    secretary.fill(outcome="已解决", answer="灯已换好，欢迎随时反映。")
    secretary.click("答复")
    resident.open(story.found.receipt)
    resident.sees("已解决")
    resident.sees("灯已换好，欢迎随时反映。")
    resident.sees("受益24人次")


def market_day_is_planned_and_a_stall_taken(story: Story) -> None:
    staff, first, secretary = story.staff, story.first, story.secretary
    staff.go("合伙人大集")
    staff.click("排大集")
    staff.click("生成轮值建议")
    saturday = staff.page.locator("main table select").first.get_attribute("name") or ""
    staff.fill(**{saturday: story.community.short_name})
    staff.click("按此排定")
    first.go("合伙人大集")
    day = date.fromisoformat(saturday)
    market = f"{day.year}年{day.month}月{day.day}日"
    first.click(market)
    first.click("报名摊位")
    first.fill(offer="小家电义务维修", tables="2")
    first.click("报名摊位")
    first.sees("摊位报名成功")
    secretary.go("合伙人大集")
    secretary.click(market)
    secretary.sees("小家电义务维修")
    secretary.sees("明亮电工服务部")
