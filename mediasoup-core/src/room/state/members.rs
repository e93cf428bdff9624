//! Who is in the room: coming, being replaced, going.

use indexmap::{IndexSet, map::Entry};
use serde_json::Value;

use super::{Effect, Member, Resource, RoomState, SessionKey, no_data};
use crate::{
    ids::ParticipantId,
    room::{
        error::RoomError,
        event::{Audience, CloseReason, LeaveReason, RoomEvent},
        info::ParticipantInfo,
    },
};

impl RoomState {
    /// Adds a participant without a session. One that is there already stays as it is.
    pub(in crate::room) fn add(
        &mut self,
        id: ParticipantId,
        data: Value,
        now: u64,
    ) -> Result<(ParticipantInfo, Vec<Effect>), RoomError> {
        if let Some(member) = self.members.get(&id) {
            return Ok((member.info.clone(), Vec::new()));
        }
        self.admit(id, data, None, now)
    }

    pub(in crate::room) fn participant(&self, id: &ParticipantId) -> Option<&ParticipantInfo> {
        self.members.get(id).map(|member| &member.info)
    }

    /// Starts a session: of a newcomer, of a participant that was added without one, or in place of an older one.
    ///
    /// The others see an older session's tracks and then itself go (`replaced`), and the newer one come; a
    /// participant that was added they have seen come already. `data` of `None` keeps what was said before.
    pub(in crate::room) fn join(
        &mut self,
        id: ParticipantId,
        data: Option<Value>,
        now: u64,
    ) -> Result<(SessionKey, ParticipantInfo, Vec<Effect>), RoomError> {
        let number = self.sessions_started + 1;
        let (info, effects) = match self.members.get_mut(&id) {
            None => self.admit(id.clone(), data.unwrap_or_else(no_data), Some(number), now)?,
            Some(added @ Member { session: None, .. }) => {
                added.session = Some(number);
                if let Some(data) = data {
                    added.info.data = data;
                }
                (added.info.clone(), Vec::new())
            }
            Some(older) => {
                let data = data.unwrap_or_else(|| older.info.data.clone());
                let mut effects = self.remove(&id, LeaveReason::Replaced)?;
                let (info, came) = self.admit(id.clone(), data, Some(number), now)?;
                effects.extend(came);
                (info, effects)
            }
        };
        self.sessions_started = number;
        Ok((SessionKey { participant: id, number }, info, effects))
    }

    fn admit(
        &mut self,
        id: ParticipantId,
        data: Value,
        session: Option<u64>,
        now: u64,
    ) -> Result<(ParticipantInfo, Vec<Effect>), RoomError> {
        if self.members.len() >= self.options.max_participants as usize {
            return Err(RoomError::RoomFull);
        }
        let Entry::Vacant(place) = self.members.entry(id.clone()) else {
            unreachable!("callers admit only who is not there")
        };
        let info = ParticipantInfo { id: id.clone(), data, joined_at: now };
        place.insert(Member {
            info: info.clone(),
            session,
            transports: IndexSet::new(),
            producers: IndexSet::new(),
            consumers: IndexSet::new(),
            data: super::data::Owned::default(),
        });
        let came = Effect::Tell(Audience::Except(id), RoomEvent::ParticipantJoined(info.clone()));
        Ok((info, vec![came]))
    }

    /// Ends a session. One that has ended already changes nothing.
    pub(in crate::room) fn leave(&mut self, who: &SessionKey) -> Vec<Effect> {
        if self.member(who).is_err() {
            return Vec::new();
        }
        self.remove(&who.participant, LeaveReason::Left).unwrap_or_default()
    }

    /// Removes a participant with all it owns. Its own session hears [`RoomEvent::Left`] and nothing after it.
    pub(in crate::room) fn remove(
        &mut self,
        id: &ParticipantId,
        reason: LeaveReason,
    ) -> Result<Vec<Effect>, RoomError> {
        let member = self.members.shift_remove(id).ok_or(RoomError::ParticipantNotFound)?;
        let mut effects = vec![Effect::End(id.clone(), RoomEvent::Left(reason))];
        for transport in member.transports {
            self.transports.remove(&transport);
            effects.push(Effect::Close(Resource::Transport(transport)));
        }
        for consumer in member.consumers {
            self.unlink_consumer(consumer);
            effects.push(Effect::Forget(Resource::Consumer(consumer)));
        }
        for producer in member.producers {
            effects.push(Effect::Forget(Resource::Producer(producer)));
            self.unlink_producer(producer, &mut effects);
        }
        self.lose_data(member.data, &mut effects);
        effects.push(Effect::Tell(
            Audience::Except(id.clone()),
            RoomEvent::ParticipantLeft { participant_id: id.clone(), reason },
        ));
        Ok(effects)
    }

    /// The end of the room: every session hears it. What is in the media plane goes with the router.
    pub(in crate::room) fn close(&self, reason: CloseReason) -> Vec<Effect> {
        let end = |id: &ParticipantId| Effect::End(id.clone(), RoomEvent::RoomClosed(reason));
        self.members.keys().map(end).collect()
    }
}
