//! Making tables, and checking those that are there.

use std::time::Duration;

use aws_sdk_dynamodb::{
    error::{BuildError, ProvideErrorMetadata},
    types::{
        AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection,
        ProjectionType, ScalarAttributeType, TableDescription, TableStatus, TimeToLiveSpecification,
        TimeToLiveStatus,
    },
};
use kernel::StoreError;

use crate::{Dynamo, store_error};

/// How often a table that is being made is looked at, and for how long.
const LOOK: Duration = Duration::from_millis(250);
const LOOKS: u32 = 480;

/// A table of ours. All keys are texts.
pub(crate) struct Table {
    /// Behind the prefix.
    pub(crate) name: &'static str,
    /// Partition and sort key.
    pub(crate) keys: (&'static str, &'static str),
    pub(crate) index: Option<Index>,
    /// The attribute with the second, since 1970, from which on an item may be removed.
    pub(crate) expires: Option<&'static str>,
}

/// Another order of the same items.
pub(crate) struct Index {
    pub(crate) name: &'static str,
    pub(crate) keys: (&'static str, &'static str),
}

impl Dynamo {
    /// Makes a table where it is missing; checks that it is what we know.
    pub(crate) async fn ensure(&self, table: &Table) -> Result<(), StoreError> {
        let mut looks = 0;
        loop {
            match self.describe(table).await? {
                None => self.make(table).await?,
                Some(found) => {
                    check(table, &found)?;
                    if is_active(&found) {
                        break;
                    }
                }
            }
            looks += 1;
            if looks > LOOKS {
                return Err(StoreError::Unavailable(
                    format!("table {} does not get ready", table.name).into(),
                ));
            }
            tokio::time::sleep(LOOK).await;
        }
        match table.expires {
            Some(attribute) => self.expire(table, attribute).await,
            None => Ok(()),
        }
    }

    async fn describe(&self, table: &Table) -> Result<Option<TableDescription>, StoreError> {
        match self.client.describe_table().table_name(self.name_of(table)).send().await {
            Ok(described) => Ok(described.table),
            Err(error) if error.code() == Some("ResourceNotFoundException") => Ok(None),
            Err(error) => Err(store_error(error)),
        }
    }

    async fn make(&self, table: &Table) -> Result<(), StoreError> {
        let mut attributes = vec![table.keys.0, table.keys.1];
        let mut create = self
            .client
            .create_table()
            .table_name(self.name_of(table))
            .billing_mode(BillingMode::PayPerRequest)
            .set_key_schema(Some(schema(table.keys).map_err(wrong)?));
        if let Some(index) = &table.index {
            let whole = Projection::builder().projection_type(ProjectionType::All).build();
            let made = GlobalSecondaryIndex::builder()
                .index_name(index.name)
                .set_key_schema(Some(schema(index.keys).map_err(wrong)?))
                .projection(whole)
                .build()
                .map_err(wrong)?;
            create = create.global_secondary_indexes(made);
            attributes.extend([index.keys.0, index.keys.1]);
        }
        attributes.sort_unstable();
        attributes.dedup();
        for name in attributes {
            let text = AttributeDefinition::builder().attribute_name(name);
            let text = text.attribute_type(ScalarAttributeType::S).build().map_err(wrong)?;
            create = create.attribute_definitions(text);
        }
        match create.send().await {
            Ok(_) => {
                tracing::info!(table = self.name_of(table), "a table was made");
                Ok(())
            }
            // Another process was quicker.
            Err(error) if error.code() == Some("ResourceInUseException") => Ok(()),
            Err(error) => Err(store_error(error)),
        }
    }

    /// Has expired items removed. Who may not change that is warned: they are not shown anyway.
    async fn expire(&self, table: &Table, attribute: &str) -> Result<(), StoreError> {
        let name = self.name_of(table);
        let described = self.client.describe_time_to_live().table_name(&name).send().await;
        let described = described.map_err(store_error)?.time_to_live_description;
        let is_on = described.is_some_and(|described| {
            matches!(
                described.time_to_live_status,
                Some(TimeToLiveStatus::Enabled | TimeToLiveStatus::Enabling)
            )
        });
        if is_on {
            return Ok(());
        }
        let on = TimeToLiveSpecification::builder().enabled(true).attribute_name(attribute).build();
        let switched = self
            .client
            .update_time_to_live()
            .table_name(&name)
            .time_to_live_specification(on.map_err(wrong)?)
            .send()
            .await;
        match switched.map_err(store_error) {
            Err(error @ StoreError::Failed(_)) => {
                tracing::warn!(table = name, %error, "expired items are not removed from a table");
                Ok(())
            }
            other => other.map(|_| ()),
        }
    }
}

fn schema((partition, sort): (&str, &str)) -> Result<Vec<KeySchemaElement>, BuildError> {
    let key = |name, kind| KeySchemaElement::builder().attribute_name(name).key_type(kind).build();
    Ok(vec![key(partition, KeyType::Hash)?, key(sort, KeyType::Range)?])
}

/// All fields that must be set are.
fn wrong(error: BuildError) -> StoreError {
    StoreError::Failed(Box::new(error))
}

fn check(table: &Table, found: &TableDescription) -> Result<(), StoreError> {
    let has = |schema: Option<&[KeySchemaElement]>, keys: (&str, &str)| {
        let names = schema.unwrap_or_default().iter().map(|key| key.attribute_name.as_str());
        names.eq([keys.0, keys.1])
    };
    let same = has(found.key_schema.as_deref(), table.keys);
    let indexed = table.index.as_ref().is_none_or(|index| {
        found.global_secondary_indexes().iter().any(|known| {
            known.index_name() == Some(index.name) && has(known.key_schema.as_deref(), index.keys)
        })
    });
    match same && indexed {
        true => Ok(()),
        false => Err(StoreError::Failed(format!("there is a table {} that is not ours", table.name).into())),
    }
}

fn is_active(found: &TableDescription) -> bool {
    let indexes = found.global_secondary_indexes();
    matches!(found.table_status, Some(TableStatus::Active | TableStatus::Updating))
        && indexes.iter().all(|index| index.index_status().is_some_and(|status| status.as_str() == "ACTIVE"))
}
