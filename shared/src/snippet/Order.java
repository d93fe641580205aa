// com.aliyun:aliyun-java-sdk-core
import com.aliyuncs.CommonRequest;
import com.aliyuncs.DefaultAcsClient;
import com.aliyuncs.http.MethodType;
import com.aliyuncs.profile.DefaultProfile;

public class Order {
    public static void main(String[] arguments) throws Exception {
        var client = new DefaultAcsClient(DefaultProfile.getProfile(
            "{region}",
            System.getenv("ALIBABA_CLOUD_ACCESS_KEY_ID"),
            System.getenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET")));
        String[][] orders = {
{orders}
        };
        for (var order : orders) {
            var request = new CommonRequest();
            request.setSysMethod(MethodType.POST);
            request.setSysDomain("{endpoint}");
            request.setSysVersion("{version}");
            request.setSysAction("{action}");
            for (int index = 0; index < order.length; index += 2) {
                request.putBodyParameter(order[index], order[index + 1]);
            }
            System.out.println(client.getCommonResponse(request).getData());
        }
    }
}
