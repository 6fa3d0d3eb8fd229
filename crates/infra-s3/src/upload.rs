//! One upload, part by part.

use async_trait::async_trait;
use aws_sdk_s3::{
    operation::abort_multipart_upload::AbortMultipartUploadError,
    primitives::ByteStream,
    types::{ChecksumAlgorithm, CompletedMultipartUpload, CompletedPart, ServerSideEncryption},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::{Bytes, BytesMut};
use kernel::StoreError;
use report::{BlobWriting, Stored};
use sha2::{Digest, Sha256};

use crate::{S3, settings::Encryption, store_error};

/// Bytes of a part: at least five mebibytes, and at most 10,000 of them in an object.
const PART: usize = 8 * 1024 * 1024;

/// An object that is being uploaded. What was uploaded when it is dropped takes room until the key
/// is discarded, or until the bucket's rules remove it.
pub(crate) struct Upload {
    s3: S3,
    place: String,
    id: String,
    parts: Vec<CompletedPart>,
    waiting: BytesMut,
    bytes: u64,
    sum: Sha256,
}

impl Upload {
    pub(crate) async fn begin(s3: &S3, place: String, content_type: &str) -> Result<Self, StoreError> {
        let (encryption, key) = match &s3.settings.encryption {
            None => (None, None),
            Some(Encryption::Aes256) => (Some(ServerSideEncryption::Aes256), None),
            Some(Encryption::Kms(key)) => (Some(ServerSideEncryption::AwsKms), key.clone()),
        };
        let begun = s3
            .client
            .create_multipart_upload()
            .bucket(&s3.settings.bucket)
            .key(&place)
            .content_type(content_type)
            .checksum_algorithm(ChecksumAlgorithm::Sha256)
            .set_server_side_encryption(encryption)
            .set_ssekms_key_id(key)
            .send()
            .await
            .map_err(store_error)?;
        let id = begun.upload_id.ok_or_else(|| StoreError::corrupt("an upload without an id"))?;
        Ok(Self {
            s3: s3.clone(),
            place,
            id,
            parts: Vec::new(),
            waiting: BytesMut::new(),
            bytes: 0,
            sum: Sha256::new(),
        })
    }

    async fn send(&mut self, part: Bytes) -> Result<(), StoreError> {
        let number = i32::try_from(self.parts.len() + 1).unwrap_or(i32::MAX);
        let sum = STANDARD.encode(Sha256::digest(&part));
        let sent = self
            .s3
            .client
            .upload_part()
            .bucket(&self.s3.settings.bucket)
            .key(&self.place)
            .upload_id(&self.id)
            .part_number(number)
            .checksum_sha256(&sum)
            .body(ByteStream::from(part))
            .send()
            .await
            .map_err(store_error)?;
        let part = CompletedPart::builder().part_number(number).checksum_sha256(sum).set_e_tag(sent.e_tag);
        self.parts.push(part.build());
        Ok(())
    }
}

#[async_trait]
impl BlobWriting for Upload {
    async fn write(&mut self, bytes: Bytes) -> Result<(), StoreError> {
        self.bytes += bytes.len() as u64;
        self.sum.update(&bytes);
        self.waiting.extend_from_slice(&bytes);
        while self.waiting.len() >= PART {
            let part = self.waiting.split_to(PART).freeze();
            self.send(part).await?;
        }
        Ok(())
    }

    async fn finish(mut self: Box<Self>) -> Result<Stored, StoreError> {
        // An object has a part, be it empty.
        if !self.waiting.is_empty() || self.parts.is_empty() {
            let part = self.waiting.split().freeze();
            self.send(part).await?;
        }
        let parts = CompletedMultipartUpload::builder().set_parts(Some(self.parts)).build();
        self.s3
            .client
            .complete_multipart_upload()
            .bucket(&self.s3.settings.bucket)
            .key(&self.place)
            .upload_id(&self.id)
            .multipart_upload(parts)
            .send()
            .await
            .map_err(store_error)?;
        Ok(Stored { bytes: self.bytes, sha256: self.sum.finalize().into() })
    }

    async fn abandon(self: Box<Self>) {
        if let Err(error) = abort(&self.s3, &self.place, &self.id).await {
            tracing::debug!(%error, "an upload cannot be given up for now");
        }
    }
}

/// Gives an upload up. One that has ended is no error.
pub(crate) async fn abort(s3: &S3, place: &str, id: &str) -> Result<(), StoreError> {
    let given_up =
        s3.client.abort_multipart_upload().bucket(&s3.settings.bucket).key(place).upload_id(id).send().await;
    match given_up {
        Err(error) if error.as_service_error().is_some_and(AbortMultipartUploadError::is_no_such_upload) => {
            Ok(())
        }
        Err(error) => Err(store_error(error)),
        Ok(_) => Ok(()),
    }
}
