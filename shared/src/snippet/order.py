# pip install aliyun-python-sdk-core
import os

from aliyunsdkcore.client import AcsClient
from aliyunsdkcore.request import CommonRequest

client = AcsClient(
    os.environ["ALIBABA_CLOUD_ACCESS_KEY_ID"],
    os.environ["ALIBABA_CLOUD_ACCESS_KEY_SECRET"],
    "{region}",
)
orders = [
{orders}
]
for order in orders:
    request = CommonRequest()
    request.set_protocol_type("https")
    request.set_method("POST")
    request.set_domain("{endpoint}")
    request.set_version("{version}")
    request.set_action_name("{action}")
    for name, value in order.items():
        request.add_body_params(name, value)
    print(client.do_action_with_exception(request).decode())
