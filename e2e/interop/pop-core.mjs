// Runs every action of the simulator through @alicloud/pop-core, the client under the product's official Node SDK.
// What each action answers in detail is for the simulator's own tests; here it counts that a client nobody here wrote
// is let in, and is understood.
//
// SIMULATOR_URL, ACCESS_KEY_ID, ACCESS_KEY_SECRET and, for a temporary key, STS_TOKEN say where and with what.

import { randomUUID } from 'node:crypto';
import http from 'node:http';
import RPCClient from '@alicloud/pop-core';

const need = (name) => {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set`);
  return value;
};
const endpoint = need('SIMULATOR_URL');
const accessKeyId = need('ACCESS_KEY_ID');
const accessKeySecret = need('ACCESS_KEY_SECRET');
const securityToken = process.env.STS_TOKEN || undefined;

const CLOUD_DESKTOP = '2017-03-01';
const VPC = '2016-04-28';

const client = (apiVersion, changes = {}) =>
  new RPCClient({ accessKeyId, accessKeySecret, securityToken, endpoint, apiVersion, ...changes });

let passed = 0;
let failed = 0;

/** Runs one check and says how it went. */
async function check(name, run) {
  try {
    await run();
    passed += 1;
  } catch (error) {
    failed += 1;
    console.log(`FAILED ${name}: ${error.message}`);
  }
}

function equal(actual, expected, what) {
  if (actual !== expected) throw new Error(`${what} is ${JSON.stringify(actual)}, not ${JSON.stringify(expected)}`);
}

/** The code of the error that a call must end with. */
async function refusal(call) {
  try {
    await call;
  } catch (error) {
    return error.code;
  }
  return 'no error';
}

/** All thirteen actions in an order in which each has what it needs. */
async function actions(method) {
  const call = (version, action, parameters = {}) =>
    client(version).request(action, { RegionId: 'cn-hangzhou', ...parameters }, { method, timeout: 10_000 });
  const desktop = (action, parameters) => call(CLOUD_DESKTOP, action, parameters);
  const vpc = (action, parameters) => call(VPC, action, parameters);
  const expect = (action, run) => check(`${method} ${action}`, run);

  // At most 16 characters, with all that is hard to encode.
  const userName = `张 三'(!)*~ ${randomUUID().slice(0, 5)}`;
  const chosen = { VpcId: '', ZoneId: '', VSwitchId: '', ImageId: '' };
  const ids = {};

  await expect('DescribeRegions', async () => {
    equal((await desktop('DescribeRegions')).Regions.Region.length, 4, 'the number of regions');
  });
  await expect('DescribeDesktopTypeItems', async () => {
    const answer = await desktop('DescribeDesktopTypeItems', { DesktopType: 'gpu' });
    equal(answer.DesktopTypeItems.DesktopTypeItem.length, 4, 'the number of GPU types');
  });
  await expect('DescribeDesktopOwner', async () => {
    const answer = await desktop('DescribeDesktopOwner');
    equal(answer.Status, 'Active', 'Status');
    chosen.VpcId = answer.OwnerVpcId;
  });
  await expect('DescribeZones', async () => {
    const answer = await vpc('DescribeZones', { AcceptLanguage: 'en-us' });
    equal(answer.Zones.Zone.length, 3, 'the number of zones');
    chosen.ZoneId = answer.Zones.Zone[0].ZoneId;
  });
  await expect('DescribeVSwitches', async () => {
    const parameters = { VpcId: chosen.VpcId, ZoneId: chosen.ZoneId, PageSize: 50 };
    const answer = await vpc('DescribeVSwitches', parameters);
    equal(answer.TotalCount, answer.VSwitches.VSwitch.length, 'TotalCount');
    chosen.VSwitchId = answer.VSwitches.VSwitch[0].VSwitchId;
  });
  await expect('DescribeImages', async () => {
    const parameters = { ImageType: 'default', TypeItemId: 'desktop.n1.small', ImageName: '', FromDate: '2018-01-01 00:00:00' };
    const answer = await desktop('DescribeImages', parameters);
    equal(answer.Total, answer.Images.Image.length, 'Total');
    chosen.ImageId = answer.Images.Image[0].ImageId;
  });
  await expect('CreateUser', async () => {
    const answer = await desktop('CreateUser', { UserName: userName, Email: "a+b'c@例子.com" });
    equal(answer.UserInfo.Name, userName, 'Name');
  });
  await expect('ModifyUser', async () => {
    await desktop('ModifyUser', { UserName: userName, Email: 'd&e=f%20@example.com' });
  });
  await expect('DescribeActivityDirectoryUsers', async () => {
    const answer = await desktop('DescribeActivityDirectoryUsers', { UserName: userName });
    equal(answer.Users.User.length, 1, 'the number of users');
    equal(answer.Users.User[0].Email, 'd&e=f%20@example.com', 'Email');
  });
  await expect('DescribeAvailableResource', async () => {
    const parameters = { TypeItemId: 'desktop.n1.small', ZoneId: chosen.ZoneId, ChargeType: 'POSTPAY' };
    equal((await desktop('DescribeAvailableResource', parameters)).Available, true, 'Available');
  });
  const purchase = (more) => ({
    TypeItemId: 'desktop.n1.small',
    ...chosen,
    ImageType: 'default',
    UserName: userName,
    UserGroup: 'Users',
    ClientToken: randomUUID(),
    ...more,
  });
  await expect('CreateDesktop', async () => {
    const daily = purchase({ ChargeType: 'POSTPAY' });
    const first = await desktop('CreateDesktop', daily);
    ids.daily = first.DesktopId;
    equal((await desktop('CreateDesktop', daily)).DesktopId, ids.daily, 'the DesktopId of a second attempt');
    ids.monthly = (await desktop('CreateDesktop', purchase({ ChargeType: 'PREPAY', Period: 12 }))).DesktopId;
  });
  await expect('RenewDesktop', async () => {
    const answer = await desktop('RenewDesktop', { DesktopId: ids.monthly, Period: 3, ClientToken: randomUUID() });
    equal(/^\d+$/.test(answer.OrderId), true, 'an OrderId of digits');
  });
  await expect('DeleteDesktop', async () => {
    await desktop('DeleteDesktop', { DesktopId: ids.daily });
    equal(await refusal(desktop('DeleteDesktop', { DesktopId: ids.daily })), 'InvalidDesktopId.NotFound', 'a second try');
  });
}

/** What must not be let in. */
async function refusals(method) {
  const options = { method, timeout: 10_000 };
  await check(`${method} with a wrong secret`, async () => {
    const call = client(CLOUD_DESKTOP, { accessKeySecret: `${accessKeySecret}x` }).request('DescribeRegions', {}, options);
    equal(await refusal(call), 'SignatureDoesNotMatch', 'the code');
  });
  await check(`${method} with an unknown key`, async () => {
    const call = client(CLOUD_DESKTOP, { accessKeyId: 'unknown' }).request('DescribeRegions', {}, options);
    equal(await refusal(call), 'InvalidAccessKeyId.NotFound', 'the code');
  });
  await check(`${method} with another security token`, async () => {
    const expected = securityToken ? 'InvalidSecurityToken.Malformed' : 'InvalidSecurityToken.MismatchWithAccessKey';
    const call = client(CLOUD_DESKTOP, { securityToken: 'another+token/==' }).request('DescribeRegions', {}, options);
    equal(await refusal(call), expected, 'the code');
  });
  await check(`${method} with a flipped byte in the signature`, async () => {
    const { status, code } = await tampered(method);
    equal(code, 'SignatureDoesNotMatch', 'the code');
    equal(status, 400, 'the status');
  });
}

/** Lets the client sign a call for a listener of our own, flips a byte of its signature, and sends that on. */
async function tampered(method) {
  let answered;
  const answer = new Promise((resolve) => {
    answered = resolve;
  });
  const between = http.createServer(async (request, response) => {
    let body = '';
    for await (const part of request) body += part;
    const flip = (text) =>
      text.replace(/(Signature=)(.)/, (_, name, byte) => name + (byte === 'A' ? 'B' : 'A'));
    const refused = await fetch(endpoint + flip(request.url), {
      method: request.method,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: request.method === 'POST' ? flip(body) : undefined,
    });
    answered({ status: refused.status, code: (await refused.json()).Code });
    response.end('{}');
  });
  await new Promise((resolve) => between.listen(0, '127.0.0.1', resolve));
  try {
    const here = client(CLOUD_DESKTOP, { endpoint: `http://127.0.0.1:${between.address().port}` });
    here.keepAliveAgent = new http.Agent({ keepAlive: false });
    await here.request('DescribeRegions', {}, { method, timeout: 10_000 });
    return await answer;
  } finally {
    between.close();
  }
}

for (const method of ['GET', 'POST']) {
  await actions(method);
  await refusals(method);
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
