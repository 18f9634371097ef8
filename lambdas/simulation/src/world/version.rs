//! Records that another version of the functions has written.

use runtime::item::Attribute;

use super::{Event, World};

impl World {
    /// Makes the record of an order unreadable for a while, as a newer version would for an older one.
    pub(crate) fn garble(&mut self) {
        let keys: Vec<String> = self.watch.orders.keys().cloned().collect();
        if keys.is_empty() {
            return;
        }
        let key = keys[self.chance.usize(..keys.len())].clone();
        let (name, value) = match self.chance.bool() {
            true => ("validation_status", "OF_ANOTHER_VERSION"),
            false => ("attribute_of_another_version", "new"),
        };
        let value = Attribute::Text(value.to_owned());
        let Some(was) = self.dynamodb.tamper(&key, name, Some(value)) else { return };
        if name == "validation_status" {
            self.garbled.insert(key.clone());
        }
        self.faults.struck += 1;
        self.say(|| format!("the record of {key} has another version's {name}"));
        let after = self.chance.u64(60_000..4 * 3_600_000);
        self.at(after, Event::Mend { key, name, was });
    }

    /// Restores the record.
    pub(crate) fn mend(&mut self, key: &str, name: &str, was: Option<Attribute>) {
        self.garbled.remove(key);
        self.dynamodb.tamper(key, name, was);
    }
}
