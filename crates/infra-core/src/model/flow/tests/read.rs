//! Items that are read and compared.

use function_contract::{
    item::{Item, Replaceable},
    kind::Table,
    path::Expr,
};
use serde_json::{Value, json};

use super::*;
use crate::model::table::TableSpec;

function_contract::item! {
    /// A parcel on a shelf.
    pub struct Shelved, at ShelvedAt {
        /// Partition key.
        number: String,
        /// The destination.
        city: String,
        /// Whose.
        owner: String,
    }
}

impl Replaceable for Shelved {}

impl Item for Shelved {
    type Key = String;

    fn key() -> Expr<Self, String> {
        Shelved::at().number
    }
}

fn shelf(stack: &mut Stack) -> Handle<Table<Shelved>> {
    let id = resource!(
        /// Parcels that wait.
        "shelf"
    );
    let spec = TableSpec { encryption: Encryption::Aws, deletion_protection: false };
    stack.module(ModuleName::new("m")).table(id, spec)
}

fn known_by() -> Vec<Same<Label, Shelved>> {
    let (shelved, label) = (Shelved::at(), Label::at());
    vec![same(&shelved.city, &label.city), same(&shelved.owner, &Expr::literal("me".to_owned()))]
}

#[test]
fn a_condition_names_what_must_be_the_same() {
    let fields = |when: When<Label, Shelved>| Body::map(when.fields());
    assert_eq!(fields(When::always()), Body::from(json!({})));
    let names = json!({ "#key": "number" });
    assert_eq!(
        fields(When::absent()),
        Body::from(json!({
            "ConditionExpression": "attribute_not_exists(#key)", "ExpressionAttributeNames": names,
        }))
    );
    let all = fields(When::absent_or(&known_by()));
    assert_eq!(
        all,
        Body::from(json!({
            "ConditionExpression": "attribute_not_exists(#key) OR (#c0 = :c0 AND #c1 = :c1)",
            "ExpressionAttributeNames": { "#key": "number", "#c0": "city", "#c1": "owner" },
            "ExpressionAttributeValues": {
                ":c0": { "S": "{% $states.input.city %}" }, ":c1": { "S": "me" },
            },
        }))
    );
}

#[test]
fn what_is_read_is_compared_with_the_input() {
    let mut stack = stack();
    let shelf = shelf(&mut stack);
    let read = get_item("Look", &shelf, &Label::at().city, &known_by(), SPEC)
        .catching(|error| match error {}, leave(Label::caught(), &lost::<Label>()));
    let to = Compared { absent: succeed("Gone"), same: succeed("Mine"), other: lost() };
    let lowered = read.then(compare("Whose", &known_by(), to)).lower("a", "doc", HOUR);
    assert_eq!(lowered.grant.into_statements().len(), 1);
    let states: Value = serde_json::from_str(&render::canonical(&lowered.document)).unwrap();
    let look = &states["States"]["Look"];
    assert_eq!(look["Resource"], "arn:aws:states:::dynamodb:getItem");
    assert_eq!(look["Next"], "Whose");
    assert_eq!(look["Output"], "{% {'input': $states.input, 'item': $states.result.Item} %}");
    assert_eq!(
        look["Arguments"],
        json!({
            "TableName": "${module.m.shelf_table_name}",
            "Key": { "number": { "S": "{% $states.input.city %}" } },
            "ConsistentRead": true,
            "ProjectionExpression": "#key, #c0, #c1",
            "ExpressionAttributeNames": { "#key": "number", "#c0": "city", "#c1": "owner" },
        })
    );
    let way = |condition: &str, next: &str| {
        json!({
            "Condition": format!("{{% {condition} %}}"),
            "Output": "{% $states.input.input %}",
            "Next": next,
        })
    };
    let item = "$states.input.item";
    let is_same = format!("{item}.city.S = $states.input.input.city and {item}.owner.S = \"me\"");
    assert_eq!(
        states["States"]["Whose"],
        json!({
            "Type": "Choice",
            "Choices": [
                way(&format!("$not($exists({item}))"), "Gone"),
                way(&is_same, "Mine"),
                way("true", "Lost"),
            ],
        })
    );
}
