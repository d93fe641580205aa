aliyun clouddesktop {action} --force --version {version} \
  --endpoint {endpoint} --region {region} \
  {orders}
