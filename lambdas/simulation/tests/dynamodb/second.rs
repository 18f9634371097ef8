//! dynoxide, behind the HTTP client of the functions' SDK. There is no network between them.

use std::{
    collections::BTreeMap,
    fmt, fs,
    path::Path,
    sync::{Arc, Mutex},
};

use aws_smithy_runtime_api::{
    client::{
        http::{
            HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector,
            http_client_fn,
        },
        orchestrator::HttpRequest,
    },
    http::{Response, StatusCode},
};
use aws_smithy_types::body::SdkBody;
use dynoxide::Database;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

/// The second DynamoDB, with the tables of `generated/dev`.
#[derive(Clone)]
pub(crate) struct Second {
    database: Database,
    /// The last answer, as it was sent.
    last: Arc<Mutex<Answer>>,
}

/// An answer: the status of HTTP, and the body.
#[derive(Debug, Clone, Default)]
pub(crate) struct Answer {
    status: u16,
    body: Value,
}

impl Answer {
    /// The body, if the request succeeded.
    pub(crate) fn body(&self) -> Option<&Value> {
        (self.status == 200).then_some(&self.body)
    }

    /// The error's code, and the codes of a canceled transaction's reasons; `None` if it succeeded.
    pub(crate) fn refusal(&self) -> Option<(String, Vec<String>)> {
        let text = |it: &Value| it.as_str().unwrap_or_default().to_owned();
        let code = text(&self.body["__type"]);
        let code = code.rsplit('#').next().unwrap_or_default().to_owned();
        let reasons = self.body["CancellationReasons"].as_array().into_iter().flatten();
        let reasons = reasons.map(|it| text(&it["Code"])).collect();
        (self.status != 200).then_some((code, reasons))
    }
}

impl Second {
    pub(crate) fn new() -> Self {
        let database = Database::memory().unwrap();
        for table in tables() {
            let request = serde_json::from_value(table).unwrap();
            database.create_table(request).unwrap();
        }
        Second { database, last: Arc::default() }
    }

    /// Returns the HTTP client with which the SDK calls it.
    pub(crate) fn client(&self) -> SharedHttpClient {
        let connector = SharedHttpConnector::new(self.clone());
        http_client_fn(move |_, _| connector.clone())
    }

    /// Returns the answer to the last request.
    pub(crate) fn last(&self) -> Answer {
        self.last.lock().unwrap().clone()
    }

    /// Handles a request.
    pub(crate) fn ask(&self, operation: &str, request: Value) -> Answer {
        let it = &self.database;
        let answer = match operation {
            "GetItem" => answer(request, |call| it.get_item(call)),
            "PutItem" => answer(request, |call| it.put_item(call)),
            "UpdateItem" => answer(request, |call| it.update_item(call)),
            "TransactWriteItems" => answer(request, |call| it.transact_write_items(call)),
            "Query" => answer(request, |call| it.query(call)),
            "Scan" => answer(request, |call| it.scan(call)),
            other => panic!("no function calls {other}"),
        };
        *self.last.lock().unwrap() = answer.clone();
        answer
    }
}

impl Second {
    /// Returns all items of a table, by their keys.
    pub(crate) fn items(&self, table: &str) -> BTreeMap<String, Value> {
        let mut items = BTreeMap::new();
        let mut scan = json!({ "TableName": table });
        loop {
            let mut page = self.ask("Scan", scan.clone()).body;
            for item in page["Items"].as_array_mut().unwrap().drain(..) {
                let key = item["order_id"]["S"].as_str().unwrap().to_owned();
                items.insert(key, item);
            }
            match page["LastEvaluatedKey"].take() {
                Value::Null => return items,
                next => scan["ExclusiveStartKey"] = next,
            }
        }
    }
}

/// DynamoDB refuses an unreadable request from every caller.
fn answer<Q: DeserializeOwned, A: Serialize>(
    request: Value,
    act: impl FnOnce(Q) -> dynoxide::Result<A>,
) -> Answer {
    let failed =
        |status: u16, body: &str| Answer { status, body: serde_json::from_str(body).unwrap() };
    match serde_json::from_value(request).map(act) {
        Ok(Ok(answer)) => Answer { status: 200, body: serde_json::to_value(answer).unwrap() },
        Ok(Err(err)) => failed(err.status_code(), &err.to_json()),
        Err(err) => {
            let body = json!({ "__type": "ValidationException", "message": err.to_string() });
            failed(400, &body.to_string())
        }
    }
}

impl HttpConnector for Second {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
        let body = serde_json::from_slice(request.body().bytes().unwrap_or_default()).unwrap();
        let Answer { status, body } = self.ask(&operation, body);
        let status = StatusCode::try_from(status).unwrap();
        let mut response = Response::new(status, SdkBody::from(body.to_string()));
        response.headers_mut().insert("content-type", "application/x-amz-json-1.0");
        HttpConnectorFuture::ready(Ok(response))
    }
}

impl fmt::Debug for Second {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("dynoxide")
    }
}

/// The requests of CreateTable for each generated table, with the names of the simulation.
fn tables() -> Vec<Value> {
    let file = "../../generated/dev/modules/dynamodb/main.tf.json";
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap();
    let module: Value = serde_json::from_str(&text).unwrap();
    let tables = module["resource"]["aws_dynamodb_table"].as_object().unwrap();
    let keys = |of: &Value| {
        let keys = [("hash_key", "HASH"), ("range_key", "RANGE")].into_iter();
        let keys = keys.filter(|(argument, _)| !of[*argument].is_null());
        keys.map(|(argument, kind)| json!({ "AttributeName": of[argument], "KeyType": kind }))
            .collect::<Vec<_>>()
    };
    let items = |of: &Value| of.as_array().cloned().unwrap_or_default();
    let create = |(name, table): (&String, &Value)| {
        let attributes = items(&table["attribute"]);
        let attributes = attributes
            .iter()
            .map(|it| json!({ "AttributeName": it["name"], "AttributeType": it["type"] }));
        let indexes = items(&table["global_secondary_index"]);
        let indexes = indexes.iter().map(|it| {
            json!({
                "IndexName": it["name"], "KeySchema": keys(it),
                "Projection": { "ProjectionType": it["projection_type"] },
            })
        });
        let indexes = indexes.collect::<Vec<_>>();
        let mut create = json!({
            "TableName": name, "BillingMode": table["billing_mode"], "KeySchema": keys(table),
            "AttributeDefinitions": attributes.collect::<Vec<_>>(),
        });
        if !indexes.is_empty() {
            create["GlobalSecondaryIndexes"] = json!(indexes);
        }
        create
    };
    tables.iter().map(create).collect()
}
