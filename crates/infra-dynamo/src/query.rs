//! Reading one partition of a table or an index, from its end, page by page.

use std::collections::{HashMap, VecDeque};

use aws_sdk_dynamodb::types::AttributeValue;
use kernel::StoreError;

use crate::{Dynamo, store_error, write::Item};

/// What is asked of every partition alike.
pub(crate) struct Question {
    pub(crate) table: String,
    pub(crate) index: Option<&'static str>,
    /// The names of partition and sort key.
    pub(crate) keys: (&'static str, &'static str),
    /// The range of sort keys, both inclusive.
    pub(crate) range: (String, String),
    /// An expression that items must satisfy, and what stands for its names and values.
    pub(crate) condition: String,
    pub(crate) names: HashMap<String, String>,
    pub(crate) values: HashMap<String, AttributeValue>,
    /// Items that one request looks at; `None`: a mebibyte of them.
    pub(crate) step: Option<i32>,
}

/// A partition, as far as it was read.
pub(crate) struct Partition {
    key: String,
    /// Found and not taken yet.
    pub(crate) found: VecDeque<Item>,
    /// Where to read on; `None` before the first request and after the last.
    on: Option<Item>,
    begun: bool,
}

impl Partition {
    pub(crate) fn new(key: String) -> Self {
        Self { key, found: VecDeque::new(), on: None, begun: false }
    }

    /// Whether everything was read.
    pub(crate) fn is_read(&self) -> bool {
        self.begun && self.on.is_none()
    }

    /// Whether nobody knows what comes next.
    pub(crate) fn is_hungry(&self) -> bool {
        self.found.is_empty() && !self.is_read()
    }

    /// The sort key down to which everything was read; `None` where that is nothing.
    pub(crate) fn read_to(&self, question: &Question) -> Option<&str> {
        self.on.as_ref()?.get(question.keys.1)?.as_s().ok().map(String::as_str)
    }

    /// Reads on by one request.
    pub(crate) async fn read(&mut self, dynamo: &Dynamo, question: &Question) -> Result<(), StoreError> {
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let answer = dynamo
            .client
            .query()
            .table_name(&question.table)
            .set_index_name(question.index.map(str::to_owned))
            .key_condition_expression("#partition = :partition AND #sort BETWEEN :low AND :high")
            .filter_expression(&question.condition)
            .set_expression_attribute_names(Some(question.names.clone()))
            .expression_attribute_names("#partition", question.keys.0)
            .expression_attribute_names("#sort", question.keys.1)
            .set_expression_attribute_values(Some(question.values.clone()))
            .expression_attribute_values(":partition", text(&self.key))
            .expression_attribute_values(":low", text(&question.range.0))
            .expression_attribute_values(":high", text(&question.range.1))
            .scan_index_forward(false)
            .set_limit(question.step)
            .set_exclusive_start_key(self.on.take())
            .send()
            .await
            .map_err(store_error)?;
        self.begun = true;
        self.on = answer.last_evaluated_key.filter(|key| !key.is_empty());
        self.found.extend(answer.items.unwrap_or_default());
        Ok(())
    }
}
