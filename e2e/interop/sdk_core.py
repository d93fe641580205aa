"""Runs every action of the simulator through aliyun-python-sdk-core, the official Python client.

What each action answers in detail is for the simulator's own tests; here it counts that a client nobody here wrote is
let in, and is understood. By POST this client puts common parameters into the URL and the others into the body.

SIMULATOR_URL, ACCESS_KEY_ID, ACCESS_KEY_SECRET and, for a temporary key, STS_TOKEN say where and with what.
"""

import json
import os
import sys
import uuid
from urllib.parse import urlsplit

import aliyunsdkcore.http.http_response as http_response
from aliyunsdkcore.acs_exception.exceptions import ServerException
from aliyunsdkcore.auth.credentials import AccessKeyCredential, StsTokenCredential
from aliyunsdkcore.client import AcsClient
from aliyunsdkcore.request import CommonRequest

HOST = urlsplit(os.environ["SIMULATOR_URL"]).netloc
KEY_ID = os.environ["ACCESS_KEY_ID"]
SECRET = os.environ["ACCESS_KEY_SECRET"]
STS_TOKEN = os.environ.get("STS_TOKEN") or None

CLOUD_DESKTOP = "2017-03-01"
VPC = "2016-04-28"

passed = 0
failed = 0


def client(key_id=KEY_ID, secret=SECRET, token=STS_TOKEN):
    if token:
        credential = StsTokenCredential(key_id, secret, token)
    else:
        credential = AccessKeyCredential(key_id, secret)
    return AcsClient(region_id="cn-hangzhou", credential=credential, auto_retry=False)


def call(method, version, action, parameters=None, by=None):
    """The answer to a call, which must be a good one."""
    request = CommonRequest()
    request.set_domain(HOST)
    request.set_protocol_type("http")
    request.set_version(version)
    request.set_action_name(action)
    request.set_method(method)
    for name, value in (parameters or {}).items():
        if method == "POST":
            request.add_body_params(name, value)
        else:
            request.add_query_param(name, value)
    return json.loads((by or client()).do_action_with_exception(request))


def refusal(run):
    """The code of the error that a call must end with."""
    try:
        run()
    except ServerException as error:
        return error.get_error_code()
    return "no error"


def check(name, run):
    """Runs one check and says how it went."""
    global passed, failed
    try:
        run()
        passed += 1
    except Exception as error:  # Whatever it is, it is a failed check, and the others still run.
        failed += 1
        print(f"FAILED {name}: {type(error).__name__}: {error}")


def equal(actual, expected, what):
    if actual != expected:
        raise AssertionError(f"{what} is {actual!r}, not {expected!r}")


def actions(method):
    """All thirteen actions in an order in which each has what it needs."""
    # At most 16 characters, with all that is hard to encode.
    user = f"李 四'(!)*~ {uuid.uuid4().hex[:5]}"
    chosen = {}
    ids = {}

    def desktop(action, parameters=None):
        return call(method, CLOUD_DESKTOP, action, parameters)

    def vpc(action, parameters=None):
        return call(method, VPC, action, {"RegionId": "cn-hangzhou", **(parameters or {})})

    def regions():
        equal(len(desktop("DescribeRegions")["Regions"]["Region"]), 4, "the number of regions")

    def types():
        answer = desktop("DescribeDesktopTypeItems", {"DesktopType": "gpu"})
        equal(len(answer["DesktopTypeItems"]["DesktopTypeItem"]), 4, "the number of GPU types")

    def owner():
        answer = desktop("DescribeDesktopOwner")
        equal(answer["Status"], "Active", "Status")
        chosen["VpcId"] = answer["OwnerVpcId"]

    def zones():
        rows = vpc("DescribeZones", {"AcceptLanguage": "en-us"})["Zones"]["Zone"]
        equal(len(rows), 3, "the number of zones")
        chosen["ZoneId"] = rows[0]["ZoneId"]

    def v_switches():
        answer = vpc("DescribeVSwitches", {"VpcId": chosen["VpcId"], "ZoneId": chosen["ZoneId"], "PageSize": 50})
        equal(answer["TotalCount"], len(answer["VSwitches"]["VSwitch"]), "TotalCount")
        chosen["VSwitchId"] = answer["VSwitches"]["VSwitch"][0]["VSwitchId"]

    def images():
        parameters = {"ImageType": "default", "TypeItemId": "desktop.n1.small", "FromDate": "2018-01-01 00:00:00"}
        answer = desktop("DescribeImages", parameters)
        equal(answer["Total"], len(answer["Images"]["Image"]), "Total")
        chosen["ImageId"] = answer["Images"]["Image"][0]["ImageId"]

    def create_user():
        answer = desktop("CreateUser", {"UserName": user, "Email": "a+b'c@例子.com"})
        equal(answer["UserInfo"]["Name"], user, "Name")

    def modify_user():
        desktop("ModifyUser", {"UserName": user, "Email": "d&e=f%20@example.com"})

    def users():
        rows = desktop("DescribeActivityDirectoryUsers", {"UserName": user})["Users"]["User"]
        equal([row["Email"] for row in rows], ["d&e=f%20@example.com"], "the users found")

    def available():
        parameters = {"TypeItemId": "desktop.n1.small", "ZoneId": chosen["ZoneId"], "ChargeType": "POSTPAY"}
        equal(desktop("DescribeAvailableResource", parameters)["Available"], True, "Available")

    def purchase(**more):
        usual = {"TypeItemId": "desktop.n1.small", "ImageType": "default", "UserName": user, "UserGroup": "Users"}
        return {**usual, **chosen, "ClientToken": str(uuid.uuid4()), **more}

    def create_desktop():
        daily = purchase(ChargeType="POSTPAY")
        ids["daily"] = desktop("CreateDesktop", daily)["DesktopId"]
        equal(desktop("CreateDesktop", daily)["DesktopId"], ids["daily"], "the DesktopId of a second attempt")
        ids["monthly"] = desktop("CreateDesktop", purchase(ChargeType="PREPAY", Period=12))["DesktopId"]

    def renew_desktop():
        parameters = {"DesktopId": ids["monthly"], "Period": 3, "ClientToken": str(uuid.uuid4())}
        equal(desktop("RenewDesktop", parameters)["OrderId"].isdigit(), True, "an OrderId of digits")

    def delete_desktop():
        desktop("DeleteDesktop", {"DesktopId": ids["daily"]})
        again = refusal(lambda: desktop("DeleteDesktop", {"DesktopId": ids["daily"]}))
        equal(again, "InvalidDesktopId.NotFound", "a second try")

    steps = {
        "DescribeRegions": regions,
        "DescribeDesktopTypeItems": types,
        "DescribeDesktopOwner": owner,
        "DescribeZones": zones,
        "DescribeVSwitches": v_switches,
        "DescribeImages": images,
        "CreateUser": create_user,
        "ModifyUser": modify_user,
        "DescribeActivityDirectoryUsers": users,
        "DescribeAvailableResource": available,
        "CreateDesktop": create_desktop,
        "RenewDesktop": renew_desktop,
        "DeleteDesktop": delete_desktop,
    }
    for action, run in steps.items():
        check(f"{method} {action}", run)


def refusals(method):
    """What must not be let in."""

    def regions(by=None):
        return refusal(lambda: call(method, CLOUD_DESKTOP, "DescribeRegions", by=by))

    def wrong_secret():
        equal(regions(client(secret=SECRET + "x")), "SignatureDoesNotMatch", "the code")

    def unknown_key():
        equal(regions(client(key_id="unknown")), "InvalidAccessKeyId.NotFound", "the code")

    def another_token():
        expected = "InvalidSecurityToken.Malformed" if STS_TOKEN else "InvalidSecurityToken.MismatchWithAccessKey"
        equal(regions(client(token="another+token/==")), expected, "the code")

    def flipped_byte():
        # The client has no way to send what it did not sign, so its last step is changed under it.
        send = http_response.HttpResponse.get_response_object

        def flip_and_send(self):
            before, name, signature = self.get_url().partition("&Signature=")
            if not name:
                raise AssertionError("no signature in the URL")
            self.set_url(before + name + ("B" if signature[0] == "A" else "A") + signature[1:])
            return send(self)

        http_response.HttpResponse.get_response_object = flip_and_send
        try:
            equal(regions(), "SignatureDoesNotMatch", "the code")
        finally:
            http_response.HttpResponse.get_response_object = send

    check(f"{method} with a wrong secret", wrong_secret)
    check(f"{method} with an unknown key", unknown_key)
    check(f"{method} with another security token", another_token)
    check(f"{method} with a flipped byte in the signature", flipped_byte)


for http_method in ("GET", "POST"):
    actions(http_method)
    refusals(http_method)
print(f"{passed} passed, {failed} failed")
sys.exit(0 if failed == 0 else 1)
