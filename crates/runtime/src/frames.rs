//! The way of frames through this process: from its sockets to its disk, and on to the log.

use std::sync::Arc;

use anyhow::Context;
use chrono::TimeDelta;
use infra_local::FrameJournal;
use message_log::{FrameRecorder, FrameSink, FrameWriter};

use crate::{log::Log, process::Process};

/// Where a gateway leaves frames, and what carries them on.
pub struct Frames {
    journal: FrameJournal,
    sink: Arc<dyn FrameSink>,
}

impl Frames {
    pub fn recorder(&self) -> Arc<dyn FrameRecorder> {
        Arc::new(self.journal.clone())
    }

    /// Carries frames on until `finished`, which comes when no more are recorded.
    pub async fn carry(self, finished: impl Future<Output = ()> + Send) {
        self.journal.carry(self.sink, finished).await;
    }
}

impl Process {
    /// The frames of this process's sockets: they go to the topic, or where there is only this
    /// process straight to the log.
    ///
    /// # Errors
    /// Where the folder of frames cannot be used.
    pub fn frames(&self) -> anyhow::Result<Frames> {
        let folder = self.config.data_dir.join("frames");
        let journal = FrameJournal::open(&folder, self.backends.ids.clone())
            .with_context(|| format!("{} cannot hold frames", folder.display()))?;
        let sink: Arc<dyn FrameSink> = match &self.backends.log {
            Log::Local => Arc::new(self.frame_writer()?),
            #[cfg(feature = "kafka")]
            Log::Kafka(kafka) => Arc::new(kafka.clone()),
        };
        Ok(Frames { journal, sink })
    }

    /// Writes the frames of all gateways to the log, beside other workers; where this is the only
    /// process, its gateway does so itself.
    ///
    /// # Errors
    /// Where the client refuses its properties.
    pub fn write_message_log(&self) -> anyhow::Result<()> {
        match &self.backends.log {
            Log::Local => Ok(()),
            #[cfg(feature = "kafka")]
            Log::Kafka(kafka) => {
                let log = Arc::new(self.frame_writer()?);
                let reader = infra_kafka::KafkaFrameReader::join(kafka.clone(), log)
                    .context("the message log cannot be joined")?;
                let stopping = self.lifecycle.stopping();
                self.lifecycle.spawn("message log", async move {
                    reader.run(stopping).await;
                    Ok(())
                });
                Ok(())
            }
        }
    }

    fn frame_writer(&self) -> anyhow::Result<FrameWriter> {
        let days = i64::from(self.config.message_log.retention_days);
        let retention = TimeDelta::try_days(days).context("`message_log.retention_days` is too large")?;
        let retention = Some(retention).filter(|retention| !retention.is_zero());
        Ok(FrameWriter::new(self.backends.documents.frames(), retention))
    }
}
