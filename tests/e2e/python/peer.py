"""A participant on aiortc and pymediasoup: sends a picture, a sound and a data channel, receives whatever there is.

    peer.py <url of the server> <room> <video codec>

Says what happens on its output, a line of JSON for each event. Each line of its input is a command: `{"text": …}` and
`{"size": …}` send a message over the data channel. It leaves when its input ends.
"""

import asyncio
import json
import sys

import socketio
from aiortc import RTCIceServer
from aiortc.mediastreams import MediaStreamError
from pymediasoup import AiortcHandler, Device
from pymediasoup.models.transport import DtlsParameters, IceCandidate, IceParameters
from pymediasoup.rtp_parameters import RtpCapabilities, RtpParameters
from pymediasoup.sctp_parameters import SctpParameters, SctpStreamParameters

import media

PREFIX = "mediasoup:"
TIMEOUT = 10


def say(event, **fields):
    print(json.dumps({"event": event, **fields}), flush=True)


def pattern(size):
    """Bytes that tell whether they came whole and in order, as the test's pages send them."""
    return bytes(index % 251 for index in range(size))


def described(message):
    if isinstance(message, str):
        return {"text": message}
    return {"size": len(message), "intact": message == pattern(len(message))}


class Peer:
    def __init__(self, room_id):
        self._room_id = room_id
        self._socket = socketio.AsyncClient(reconnection=False)
        self._device = Device(handlerFactory=AiortcHandler.createFactory())
        # Each ends the whole where it fails.
        self._group = asyncio.TaskGroup()
        self._tasks = []
        # Consumers of one transport are negotiated one after the other.
        self._receiving = asyncio.Lock()

    async def run(self, url, codec, commands):
        async with self._group:
            await self._join(url)
            await self._publish(codec)
            say("published")
            async for command in commands:
                self._channel.send(command["text"] if "text" in command else pattern(command["size"]))
            await self._leave()

    def _start(self, work):
        self._tasks.append(self._group.create_task(work))

    # --- signalling ---

    async def _request(self, name, **data):
        reply = await self._socket.call(PREFIX + name, {"roomId": self._room_id, **data}, timeout=TIMEOUT)
        if not reply["success"]:
            raise RuntimeError(f"{name}: {reply['code']}: {reply['error']}")
        return reply

    async def _join(self, url):
        ready = asyncio.Event()

        def consume_new(name, consume):
            async def told(data):
                await ready.wait()
                self._start(consume(data[name]["id"]))

            return told

        self._socket.on(f"{PREFIX}new-producer", consume_new("producer", self._consume))
        self._socket.on(f"{PREFIX}new-data-producer", consume_new("dataProducer", self._consume_data))
        await self._socket.connect(url, transports=["websocket"])
        room = (await self._request("join-room", participantData={"name": "Python"}))["room"]
        await self._device.load(RtpCapabilities(**room["rtpCapabilities"]))
        self._send = await self._create_transport("send")
        self._recv = await self._create_transport("recv")
        ready.set()
        for producer in room["producers"]:
            self._start(self._consume(producer["id"]))
        for producer in room["dataProducers"]:
            self._start(self._consume_data(producer["id"]))

    async def _leave(self):
        for task in self._tasks:
            task.cancel()
        await self._request("leave-room")
        for transport in (self._send, self._recv):
            await transport.close()
        await self._socket.disconnect()

    # --- transports ---

    async def _create_transport(self, direction):
        made = (await self._request("create-transport", direction=direction))["transport"]
        create = self._device.createSendTransport if direction == "send" else self._device.createRecvTransport
        transport = create(
            id=made["id"],
            iceParameters=IceParameters(**made["iceParameters"]),
            iceCandidates=[IceCandidate(**candidate) for candidate in made["iceCandidates"]],
            dtlsParameters=DtlsParameters(**made["dtlsParameters"]),
            sctpParameters=SctpParameters(**made["sctpParameters"]),
            # Without any, aiortc asks one of its own choice.
            iceServers=[RTCIceServer(**server) for server in made["iceServers"]],
        )

        @transport.on("connect")
        async def connect(dtls):
            say("connect", direction=direction, role=dtls.role)
            await self._request("connect-transport", transportId=transport.id, dtlsParameters=dtls.model_dump())

        @transport.on("produce")
        async def produce(kind, rtp, app_data):
            reply = await self._request(
                "create-producer",
                transportId=transport.id,
                kind=kind,
                rtpParameters=rtp.model_dump(),
                appData=app_data,
            )
            return reply["producer"]["id"]

        @transport.on("producedata")
        async def produce_data(sctpStreamParameters, label, protocol, appData):
            reply = await self._request(
                "create-data-producer",
                transportId=transport.id,
                sctpStreamParameters=sctpStreamParameters.model_dump(),
                label=label,
                protocol=protocol,
                appData=appData,
            )
            return reply["dataProducer"]["id"]

        return transport

    # --- sending ---

    async def _publish(self, codec):
        codecs = self._device.sendRtpCapabilities.codecs
        video = next(known for known in codecs if known.mimeType.lower() == f"video/{codec.lower()}")
        await self._send.produce(track=media.Tone())
        await self._send.produce(track=media.MovingBar(), codec=video)
        self._channel = await self._send.produceData(label="chat")
        if self._channel.readyState != "open":
            opened = asyncio.Event()
            self._channel.on("open", opened.set)
            await asyncio.wait_for(opened.wait(), TIMEOUT)

    # --- receiving ---

    async def _consume(self, producer_id):
        async with self._receiving:
            made = (
                await self._request(
                    "create-consumer",
                    transportId=self._recv.id,
                    producerId=producer_id,
                    rtpCapabilities=self._device.recvRtpCapabilities.model_dump(),
                    paused=True,
                )
            )["consumer"]
            rtp = RtpParameters(**made["rtpParameters"])
            consumer = await self._recv.consume(
                id=made["id"], producerId=producer_id, kind=made["kind"], rtpParameters=rtp
            )
        await self._request("resume-consumer", consumerId=consumer.id)
        got = await (media.see if made["kind"] == "video" else media.hear)(consumer.track)
        say("receives", kind=made["kind"], mimeType=rtp.codecs[0].mimeType, **got)
        # Whoever stops to read lets the decoder's queue grow.
        await drain(consumer.track)

    async def _consume_data(self, producer_id):
        async with self._receiving:
            made = (
                await self._request(
                    "create-data-consumer",
                    transportId=self._recv.id,
                    dataProducerId=producer_id,
                    paused=True,
                )
            )["dataConsumer"]
            consumer = await self._recv.consumeData(
                id=made["id"],
                dataProducerId=producer_id,
                sctpStreamParameters=SctpStreamParameters(**made["sctpStreamParameters"]),
                label=made["label"],
                protocol=made["protocol"],
            )
        consumer.on("message", lambda message: say("message", **described(message)))
        await self._request("resume-data-consumer", dataConsumerId=consumer.id)
        say("listens")


async def drain(track):
    try:
        while True:
            await track.recv()
    except MediaStreamError:
        pass


async def lines(stream):
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), stream)
    async for line in reader:
        yield json.loads(line)


if __name__ == "__main__":
    url, room_id, codec = sys.argv[1:]
    asyncio.run(Peer(room_id).run(url, codec, lines(sys.stdin)))
