import { Refusal, type Obj } from "./object.ts";

/** What the API takes for right: the fields that it knows, and what their values must be. */

const METADATA =
  "name namespace uid resourceVersion generation creationTimestamp labels annotations ownerReferences managedFields finalizers generateName selfLink deletionTimestamp deletionGracePeriodSeconds";
const TEMPLATE = { metadata: METADATA, spec: "" };
const POD_SPEC =
  "containers initContainers volumes restartPolicy terminationGracePeriodSeconds dnsPolicy serviceAccountName serviceAccount nodeSelector securityContext schedulerName tolerations affinity priorityClassName imagePullSecrets hostNetwork automountServiceAccountToken topologySpreadConstraints";
const CONTAINER =
  "name image command args env envFrom ports resources volumeMounts livenessProbe readinessProbe startupProbe lifecycle imagePullPolicy securityContext terminationMessagePath terminationMessagePolicy workingDir";
const SPECS: Readonly<Record<string, string>> = {
  Deployment: "replicas selector template strategy minReadySeconds revisionHistoryLimit paused progressDeadlineSeconds",
  StatefulSet:
    "replicas selector template serviceName podManagementPolicy updateStrategy revisionHistoryLimit minReadySeconds volumeClaimTemplates persistentVolumeClaimRetentionPolicy ordinals",
  DaemonSet: "selector template updateStrategy minReadySeconds revisionHistoryLimit",
  Certificate:
    "secretName dnsNames issuerRef commonName duration renewBefore privateKey usages isCA ipAddresses uris subject secretTemplate revisionHistoryLimit",
  HorizontalPodAutoscaler: "scaleTargetRef minReplicas maxReplicas metrics behavior",
};

/** The paths of fields that the kind does not have; each is taken out of the object, as the server does. */
export function prune(object: Obj): string[] {
  const kind = String(object["kind"]);
  const found: string[] = [];
  strip(object, "kind apiVersion metadata spec status", "", found);
  strip(object["metadata"], METADATA, "metadata.", found);
  strip(object["spec"], SPECS[kind], "spec.", found);
  const template = object["spec"]?.template as Obj | undefined;
  strip(template, Object.keys(TEMPLATE).join(" "), "spec.template.", found);
  strip(template?.["metadata"], METADATA, "spec.template.metadata.", found);
  strip(template?.["spec"], POD_SPEC, "spec.template.spec.", found);
  for (const [index, container] of ((template?.["spec"]?.containers ?? []) as Obj[]).entries())
    strip(container, CONTAINER, `spec.template.spec.containers[${index}].`, found);
  return found;
}

function strip(object: unknown, known: string | undefined, path: string, found: string[]): void {
  if (known === undefined || typeof object !== "object" || object === null) return;
  for (const key of Object.keys(object).filter((each) => !known.split(" ").includes(each))) {
    found.push(`${path}${key}`);
    delete (object as Obj)[key];
  }
}

/** @throws Refusal as the server does */
export function validate(before: Obj, after: Obj, name: string): void {
  const { spec, metadata } = after;
  for (const key of ["name", "namespace", "uid"])
    if (metadata[key] !== before["metadata"][key])
      throw invalid(name, `metadata.${key}`, metadata[key], "field is immutable");
  if (after["kind"] === "Certificate") return;
  if (after["kind"] === "HorizontalPodAutoscaler") return validateBounds(name, spec as Obj);
  if (JSON.stringify(spec.selector) !== JSON.stringify(before["spec"].selector))
    throw invalid(name, "spec.selector", spec.selector, "field is immutable");
  if (spec.replicas !== undefined) wholeNumber(name, "spec.replicas", spec.replicas, 0);
  const labels = (spec.template?.metadata?.labels ?? {}) as Obj;
  const wanted = Object.entries((spec.selector?.matchLabels ?? {}) as Obj);
  if (wanted.some(([key, value]) => labels[key] !== value))
    throw invalid(name, "spec.template.metadata.labels", labels, "`selector` does not match template `labels`");
  const containers = (spec.template?.spec?.containers ?? []) as Obj[];
  if (containers.length === 0) throw invalid(name, "spec.template.spec.containers", null, "Required value");
  for (const map of [metadata, spec.template.metadata])
    for (const [key, value] of Object.entries((map.annotations ?? {}) as Obj))
      if (typeof value !== "string") throw invalid(name, `metadata.annotations[${key}]`, value, "must be a string");
}

/** As 1.37 has it: none at the least is for what goes by more than its own pods. */
function validateBounds(name: string, { minReplicas = 1, maxReplicas, metrics = [] }: Obj): void {
  const outside = (metrics as Obj[]).some(({ type }) => type === "External" || type === "Object");
  wholeNumber(name, "spec.minReplicas", minReplicas, outside ? 0 : 1);
  wholeNumber(name, "spec.maxReplicas", maxReplicas, 1);
  if (maxReplicas < minReplicas)
    throw invalid(name, "spec.maxReplicas", maxReplicas, "must be greater than or equal to `minReplicas`");
}

function wholeNumber(name: string, field: string, value: unknown, least: number): void {
  if (typeof value !== "number" || !Number.isInteger(value))
    throw new Refusal(
      400,
      "BadRequest",
      `json: cannot unmarshal ${typeof value} into Go struct field ${field} of type int32`,
    );
  if (value < least) throw invalid(name, field, value, `must be greater than or equal to ${least}`);
}

function invalid(name: string, field: string, value: unknown, why: string): Refusal {
  const message = `${name} is invalid: ${field}: Invalid value: ${JSON.stringify(value)}: ${why}`;
  return new Refusal(422, "Invalid", message, { causes: [{ reason: "FieldValueInvalid", message: why, field }] });
}
