/** What the page asks for when it opens. */
export const PAGE_LOAD = [
  "DescribeRegions",
  "DescribeDesktopTypeItems?RegionId=cn-hangzhou",
  "DescribeDesktopOwner?RegionId=cn-hangzhou",
  "DescribeZones?RegionId=cn-hangzhou",
  "DescribeActivityDirectoryUsers?RegionId=cn-hangzhou",
  "DescribeImages?RegionId=cn-hangzhou&ImageType=default&Page=1&PageSize=100",
  "DescribeVSwitches?RegionId=cn-hangzhou&VpcId=vpc-bp1desk0000000000001&ZoneId=cn-hangzhou-b&PageNumber=1&PageSize=50",
].map((read) => `/api/${read}`);
