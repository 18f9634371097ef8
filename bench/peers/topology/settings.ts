// What DOFS is in its environment `dev`, in words of no framework: both peers read it, as a team would that
// keeps its settings apart from its constructs. It is made once, however many copies a program writes.
export const ACCOUNT = "111111111111";
export const REGION = "ap-south-1";
export const ENVIRONMENT = "dev";
export const TAGS = { Application: "dofs", Environment: ENVIRONMENT, ManagedBy: "terraform" };

/// What names begin with: those of the topology itself where there is one copy.
export const prefix = (copy: number, copies: number) =>
  copies === 1 ? `dofs-${ENVIRONMENT}` : `dofs-${ENVIRONMENT}-c${copy}`;

/// As AWS's names have it.
export const dashed = (name: string) => name.replaceAll("_", "-");

export const FUNCTIONS = {
  api_handler: {
    description: "Takes orders over HTTP, starts the order machine, and tells where an order stands.",
    memory: 256,
    timeout: 10,
  },
  validator: {
    description: "Judges an order by the rules of the business, naming every rule that is broken.",
    memory: 128,
    timeout: 10,
  },
  order_storage: {
    description: "Stores a valid order as PROCESSING and puts it on the order queue. Safe to repeat.",
    memory: 256,
    timeout: 10,
  },
  fulfill_order: {
    description: "Fulfils orders off the queue, or fails them with a record that says why.",
    memory: 256,
    timeout: 30,
  },
  reconcile_orders: {
    description: "Closes orders that are still PROCESSING past their deadline.",
    memory: 256,
    timeout: 60,
  },
};
export type FunctionName = keyof typeof FUNCTIONS;
export const FUNCTION_NAMES = Object.keys(FUNCTIONS) as FunctionName[];

export const LOG_DAYS = 7;
/// No role may do more than this policy of the account.
export const BOUNDARY = `arn:aws:iam::${ACCOUNT}:policy/dofs-boundary-${ENVIRONMENT}`;
export const QUEUES = {
  visibility: 180,
  wait: 20,
  retention: 345_600,
  deadRetention: 1_209_600,
  attempts: 3,
};
export const SCHEDULE = {
  description: "Looks for orders past their deadline, every few minutes.",
  every: "rate(5 minutes)",
  retry: { age: 60, attempts: 2 },
};

export const KEY = {
  description:
    "Encrypts the alarms' topic. It must be a key of ours: with the AWS-managed one, alarms could not publish, and " +
    "nobody would hear of it.",
  deletionDays: 30,
  adminActions: [
    "CancelKeyDeletion",
    "CreateAlias",
    "DeleteAlias",
    "DescribeKey",
    "DisableKey",
    "DisableKeyRotation",
    "EnableKey",
    "EnableKeyRotation",
    "GetKeyPolicy",
    "GetKeyRotationStatus",
    "ListGrants",
    "ListKeyPolicies",
    "ListKeyRotations",
    "ListResourceTags",
    "PutKeyPolicy",
    "RevokeGrant",
    "RotateKeyOnDemand",
    "ScheduleKeyDeletion",
    "TagResource",
    "UntagResource",
    "UpdateAlias",
    "UpdateKeyDescription",
  ].map((it) => `kms:${it}`),
  useActions: [
    "Decrypt",
    "DescribeKey",
    "Encrypt",
    "GenerateDataKey",
    "GenerateDataKeyWithoutPlaintext",
    "ReEncryptFrom",
    "ReEncryptTo",
  ].map((it) => `kms:${it}`),
  publishActions: ["kms:Decrypt", "kms:GenerateDataKey"],
};
