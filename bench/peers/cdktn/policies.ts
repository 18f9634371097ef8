// Policies as JSON texts.
import { ACCOUNT } from "../topology/settings";

export const document = (...Statement: object[]) => JSON.stringify({ Version: "2012-10-17", Statement });
export const allow = (Action: string | string[], Resource: string) => ({ Effect: "Allow", Action, Resource });
export const ofThisAccount = { StringEquals: { "aws:SourceAccount": ACCOUNT } };

/// The trust policy of a role: a service may assume it, optionally only for this account.
export const trust = (service: string, ofAccount: boolean) =>
  document({
    Effect: "Allow",
    Action: "sts:AssumeRole",
    Principal: { Service: `${service}.amazonaws.com` },
    ...(ofAccount && { Condition: ofThisAccount }),
  });

/// Denies calls without TLS.
export const overPlainText = (Action: string, Resource: string) => ({
  Sid: "TlsOnly",
  Effect: "Deny",
  Action,
  Resource,
  Principal: "*",
  Condition: { Bool: { "aws:SecureTransport": "false" } },
});
