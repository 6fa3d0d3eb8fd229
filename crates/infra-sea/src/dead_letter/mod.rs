//! Calls of chargers that were set aside.

mod entity;

use ::connect_router::{DeadLetter, DeadLetterReader, DeadLetterRepository, HasDeadLetters};
use async_trait::async_trait;
use kernel::{
    ChargePointId, Cursor, DeadLetterId, Kind, OrganisationId, Page, PageRequest, Reach, StoreError,
};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, prelude::Uuid};

use self::entity::{Column, Entity, row};
use crate::{connect::Sea, error::store_error, paging::oldest_first, reach::within, unit::SeaTx};

impl HasDeadLetters for SeaTx {
    fn dead_letters(&mut self) -> &mut dyn DeadLetterRepository {
        self
    }
}

fn of(organisation: OrganisationId, id: DeadLetterId) -> Condition {
    Condition::all()
        .add(Column::OrganisationId.eq(Uuid::from(organisation)))
        .add(Column::Id.eq(Uuid::from(id)))
}

#[async_trait]
impl DeadLetterRepository for SeaTx {
    async fn dead_letter_insert(&mut self, letter: &DeadLetter) -> Result<(), StoreError> {
        Entity::insert(row(letter)).exec_without_returning(self.connection()).await.map_err(store_error)?;
        Ok(())
    }

    async fn dead_letter_find(
        &mut self,
        organisation: OrganisationId,
        id: DeadLetterId,
    ) -> Result<Option<DeadLetter>, StoreError> {
        let found = Entity::find().filter(of(organisation, id)).one(self.connection()).await;
        Ok(found.map_err(store_error)?.map(DeadLetter::from))
    }

    async fn dead_letter_delete(
        &mut self,
        organisation: OrganisationId,
        id: DeadLetterId,
    ) -> Result<(), StoreError> {
        Entity::delete_many()
            .filter(of(organisation, id))
            .exec(self.connection())
            .await
            .map_err(store_error)?;
        Ok(())
    }
}

#[async_trait]
impl DeadLetterReader for Sea {
    async fn dead_letter_list(
        &self,
        reach: &Reach,
        charge_point: Option<ChargePointId>,
        page: PageRequest,
    ) -> Result<Page<DeadLetter>, StoreError> {
        let wanted = Condition::all()
            .add(Column::OrganisationId.eq(Uuid::from(reach.organisation())))
            .add_option(within(reach, Kind::DeadLetter))
            .add_option(charge_point.map(|id| Column::ChargePointId.eq(Uuid::from(id))));
        let rows = oldest_first(Entity::find().filter(wanted), Column::Id, page).all(self.reader()).await;
        let letters = rows.map_err(store_error)?.into_iter().map(DeadLetter::from).collect();
        Ok(Page::from_surplus(letters, page.limit, |letter: &DeadLetter| Cursor::of(letter.id)))
    }
}
