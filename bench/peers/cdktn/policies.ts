// Policies as JSON texts.
import { ACCOUNT } from "../topology/settings";

export const document = (...Statement: object[]) => JSON.stringify({ Version: "2012-10-17", Statement });
export const allow = (Action: string | string[], Resource: string) => ({ Effect: "Allow", Action, Resource });
export const ofThisAccount = { StringEquals: { "aws:SourceAccount": ACCOUNT } };

/// Who may act as a role: a service, and perhaps for this account alone.
export const trust = (service: string, ofAccount: boolean) =>
  document({
    Effect: "Allow",
    Action: "sts:AssumeRole",
    Principal: { Service: `${service}.amazonaws.com` },
    ...(ofAccount && { Condition: ofThisAccount }),
  });

/// Refuses whoever calls without TLS.
export const overPlainText = (Action: string, Resource: string) => ({
  Sid: "TlsOnly",
  Effect: "Deny",
  Action,
  Resource,
  Principal: "*",
  Condition: { Bool: { "aws:SecureTransport": "false" } },
});
