"""Checks kubernetes.yaml and compose.yaml: by the public schemas, where the packages of requirements.txt are installed, and
for what a schema cannot know: that objects fit each other, and that each setting is one of the program's. Prints what it
could not check. No cluster and no container engine is asked.
"""

import re
import sys
from pathlib import Path

import yaml

HERE = Path(__file__).parent
SETTINGS = HERE.parent / "proxy" / "src" / "settings"
ADMIN = HERE.parent / "proxy" / "src" / "admin.rs"
KUBERNETES_VERSIONS = ["1.30", "1.37"]

faults = []


def need(holds, fault):
    if not holds:
        faults.append(fault)


def declared_variables():
    """The variables that the program reads, from the declarations of its flags."""
    sources = "\n".join(path.read_text() for path in SETTINGS.glob("*_args.rs")) + (SETTINGS.parent / "settings.rs").read_text()
    return set(re.findall(r'env = "(DESKBUY_[A-Z_]+)"', sources))


def seconds(text):
    return int(text.removesuffix("s"))


def check_settings(known):
    """Variables and flags that are named in this folder's files are the program's."""
    for name in ["kubernetes.yaml", "compose.yaml", "deskbuy.env.example", "deskbuy.service", "Containerfile", "README.md"]:
        text = (HERE / name).read_text()
        # DESKBUY_PORT and DESKBUY_SERVICE_HOST are Kubernetes' own, DESKBUY_ENDPOINT_ and the like stand for several.
        kubernetes = {"DESKBUY_PORT", "DESKBUY_SERVICE_HOST"}
        for variable in sorted(set(re.findall(r"DESKBUY_[A-Z_]*[A-Z]\b", text)) - known - kubernetes):
            need(any(each.startswith(variable + "_") for each in known), f"{name}: the program has no variable {variable}")


def check_kubernetes(known):
    text = (HERE / "kubernetes.yaml").read_text()
    objects = {}
    for document in yaml.safe_load_all(text):
        objects[document["kind"]] = document
        meta = document["metadata"]
        if document["kind"] != "Namespace":
            need(meta.get("namespace") == objects["Namespace"]["metadata"]["name"], f"{document['kind']} is in no namespace")
    deployment = objects["Deployment"]["spec"]
    labels = deployment["template"]["metadata"]["labels"]
    pod = deployment["template"]["spec"]
    [container] = pod["containers"]
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}

    need(deployment["replicas"] >= 2, "one proxy is no spare")
    need(deployment["selector"]["matchLabels"].items() <= labels.items(), "the deployment selects other pods")
    need(deployment["strategy"]["rollingUpdate"]["maxUnavailable"] == 0, "an update takes a proxy away before the new one is ready")
    need(pod["enableServiceLinks"] is False, "the cluster's variables DESKBUY_… would look like settings")
    need(pod["automountServiceAccountToken"] is False, "the pod gets a token that it does not use")
    need(pod["serviceAccountName"] == objects["ServiceAccount"]["metadata"]["name"], "there is no such service account")

    who, rights = pod["securityContext"], container["securityContext"]
    need(who["runAsNonRoot"] and who["runAsUser"] > 0, "the pod may be root")
    need(who["seccompProfile"]["type"] == "RuntimeDefault", "all system calls are allowed")
    need(rights["readOnlyRootFilesystem"] and not rights["allowPrivilegeEscalation"], "the container may write or gain rights")
    need(rights["capabilities"] == {"drop": ["ALL"]}, "the container keeps capabilities")
    need("memory" in container["resources"]["limits"], "memory is not bounded")

    routes = set(re.findall(r'\.route\("([^"]+)"', ADMIN.read_text()))
    for probe, path in [("startupProbe", "/live"), ("livenessProbe", "/live"), ("readinessProbe", "/ready")]:
        asked = container[probe]["httpGet"]
        need(asked["path"] == path and path in routes, f"{probe} asks {asked['path']}")
        need(asked["port"] == "admin", f"{probe} does not ask the admin port")
    drain = seconds(re.search(r'env = "DESKBUY_DRAIN".*?default_value = "(\w+)"', (SETTINGS / "listen_args.rs").read_text()).group(1))
    pause = container["lifecycle"]["preStop"]["sleep"]["seconds"]
    need(pod["terminationGracePeriodSeconds"] > pause + drain, "a stop is cut off before its drain time is over")

    settings = objects["ConfigMap"]["data"]
    need(set(settings) <= known, f"the config map has {set(settings) - known}, which are no settings")
    mounts = [mount["mountPath"] for mount in container["volumeMounts"]]
    for name, value in settings.items():
        if name.endswith("_FILE"):
            need(any(value.startswith(mount + "/") for mount in mounts), f"{name} is in no volume")
            need(f"--from-file={Path(value).name}" in text, f"{name}: nothing says how the file comes about")
    used = {source[kind]["name"] for source in container["envFrom"] for kind in source}
    made = set(re.findall(r"create secret generic (\S+)", text)) | {objects["ConfigMap"]["metadata"]["name"]}
    need(used <= made, f"nothing makes {used - made}")
    need({volume["secret"]["secretName"] for volume in pod["volumes"]} <= made, "nothing makes the secret of a volume")

    service = objects["Service"]["spec"]
    need(service["selector"].items() <= labels.items(), "the service selects other pods")
    need([port["targetPort"] for port in service["ports"]] == ["http"], "the service gives away more than the page's port")
    [rule] = objects["Ingress"]["spec"]["rules"]
    backend = rule["http"]["paths"][0]["backend"]["service"]
    need(backend["name"] == objects["Service"]["metadata"]["name"], "the ingress leads to another service")
    need(backend["port"]["name"] in [port["name"] for port in service["ports"]], "the ingress leads to another port")
    need(settings["DESKBUY_PUBLIC_URL"] == f"https://{rule['host']}", "the ingress has another name than the public address")
    need(objects["Ingress"]["spec"]["tls"][0]["hosts"] == [rule["host"]], "the certificate is for another name")

    budget = objects["PodDisruptionBudget"]["spec"]
    need(budget["selector"]["matchLabels"].items() <= labels.items(), "the disruption budget is for other pods")
    need(0 < budget["minAvailable"] < deployment["replicas"], "the disruption budget allows no or every disruption")

    policy = objects["NetworkPolicy"]["spec"]
    need(policy["podSelector"]["matchLabels"].items() <= labels.items(), "the network policy is for other pods")
    need(set(policy["policyTypes"]) == {"Ingress", "Egress"}, "the network policy leaves a direction open")
    open_ports = {port["port"] for rule in policy["ingress"] for port in rule["ports"]}
    need(open_ports == set(ports.values()), f"the network policy lets in to {open_ports}")
    need(all("from" in rule for rule in policy["ingress"]), "the network policy lets in everybody")
    need({443, 53, 5432} <= {port["port"] for rule in policy["egress"] for port in rule["ports"]}, "a way out is missing")
    return objects.values()


def check_compose(known):
    compose = yaml.safe_load((HERE / "compose.yaml").read_text())
    services = compose["services"]
    for name, service in services.items():
        needed = service.get("depends_on", {})
        if isinstance(needed, list):
            needed = dict.fromkeys(needed, {})
        for other, how in needed.items():
            need(other in services, f"{name} depends on {other}, which is not there")
            waits = how.get("condition") == "service_healthy"
            need(not waits or "healthcheck" in services[other], f"{name} waits for {other}, which has no health check")
        mode = service.get("network_mode", "")
        need(not mode or mode.removeprefix("service:") in services, f"{name} shares the network of a service that is not there")
        for port in service.get("ports", []):
            need(port.startswith("127.0.0.1:"), f"{name} is reachable from other machines: {port}")
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            need((HERE / source).is_file() if source.startswith(".") else source in compose["volumes"], f"{name}: there is no {source}")
        if service["image"].endswith("deskbuy-demo"):
            need(service["read_only"] and service["cap_drop"] == ["ALL"], f"{name} has rights that it does not need")
            ours = {key for key in service["environment"] if key.startswith("DESKBUY_")}
            need(ours <= known, f"{name} has {ours - known}, which are no settings")
            words = service["command"] + service["healthcheck"]["test"]
            flags = {"DESKBUY_" + word[2:].replace("-", "_").upper() for word in words if str(word).startswith("--")}
            need(flags <= known, f"{name} is called with flags of {flags - known}, which are no settings")

    ours, provider = services["deskbuy"]["environment"], yaml.safe_load((HERE / "compose" / "dex.yaml").read_text())
    [client] = provider["staticClients"]
    need(ours["DESKBUY_OIDC_ISSUER"] == provider["issuer"], "the provider calls itself otherwise")
    need(ours["DESKBUY_OIDC_CLIENT_ID"] == client["id"], "the provider knows another client")
    need(client["redirectURIs"] == [ours["DESKBUY_PUBLIC_URL"] + "/login/callback"], "the provider sends people elsewhere")
    need(ours["DESKBUY_BUYERS"] in [person["email"] for person in provider["staticPasswords"]], "the buyer cannot sign in")
    need(len((HERE / "compose" / "session-key").read_text().strip()) >= 32, "the session key is too short")
    simulator = services["cloud"]["command"][services["cloud"]["command"].index("--simulator-listen") + 1]
    for product in ["CLOUDDESKTOP", "VPC"]:
        need(ours[f"DESKBUY_ENDPOINT_{product}"] == f"http://{simulator}", f"{product} is asked elsewhere")
    return compose


def check_schemas(objects):
    try:
        import kubernetes_validate
    except ImportError:
        print("[deploy] kubernetes.yaml NOT CHECKED by schema: kubernetes-validate is not installed")
    else:
        for version in KUBERNETES_VERSIONS:
            for document in objects:
                try:
                    kubernetes_validate.validate(document, version, strict=True)
                except Exception as error:  # The package has several, without a common one.
                    faults.append(f"kubernetes.yaml, {document['kind']} by Kubernetes {version}: {error}")
    try:
        from compose_spec.compose_spec import PyCompose
    except ImportError:
        print("[deploy] compose.yaml NOT CHECKED by schema: compose-spec is not installed")
    else:
        try:
            PyCompose.from_yaml((HERE / "compose.yaml").read_text()).validate()
        except ValueError as error:
            faults.append(f"compose.yaml: {error}")


known = declared_variables()
check_settings(known)
objects = check_kubernetes(known)
compose = check_compose(known)
check_schemas(objects)
for fault in faults:
    print(f"[deploy] {fault}", file=sys.stderr)
if faults:
    sys.exit(1)
print(f"{len(objects)} objects for Kubernetes and {len(compose['services'])} services for compose fit the program; none was run")
