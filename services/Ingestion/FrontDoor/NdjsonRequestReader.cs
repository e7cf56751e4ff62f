using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using RealTimeMesh.Ingestion.Publishing;
using RealTimeMesh.Ingestion.Rows;
using RealTimeMesh.Ingestion.Streams;

namespace RealTimeMesh.Ingestion.FrontDoor;

/// <summary>
/// Takes a stream of lines of any length. It is never held whole: lines become batches, a few of which wait for the
/// log while the next is read; when these are slow, reading stops and the sender feels it.
/// </summary>
internal sealed class NdjsonRequestReader(IngestionOptions options, TimeProvider time)
{
    /// <summary>A slow sender's events don't wait longer than this for their batch to fill.</summary>
    private static readonly TimeSpan Linger = TimeSpan.FromMilliseconds(20);

    public async Task<IResult> ReadAsync(StreamRuntime stream, Stream body, string? traceParent, CancellationToken cancellationToken)
    {
        var request = new Request(stream, options, time, traceParent);
        using var records = new RecordReader(body, options, quoted: false);
        try
        {
            while (request.Open)
            {
                if (records.TryRead(out var record))
                {
                    request.Add(record);
                    if (request.BatchIsFull)
                        await request.FlushAsync(cancellationToken);
                    continue;
                }

                var arrived = records.FillAsync(cancellationToken).AsTask();
                if (!arrived.IsCompleted && request.Pending > 0 && await Task.WhenAny(arrived, Task.Delay(Linger, time, cancellationToken)) != arrived)
                    await request.FlushAsync(cancellationToken);
                if (!await arrived)
                    break;
            }

            await request.FlushAsync(cancellationToken);
        }
        catch (Exception e) when (e is InvalidDataException or BadHttpRequestException)
        {
            await request.FlushAsync(cancellationToken);
            await request.FinishAsync();
            return new ErrorResult(StatusCodes.Status400BadRequest, "body", $"body: broke off ({e.Message}) after {request.Lines} events, of which {request.Tally.Accepted} were accepted and {request.Tally.Rejected} rejected.");
        }
        finally
        {
            // What is queued is stored and counted whether its sender still listens or not.
            await request.FinishAsync();
        }

        return request.Lines == 0
            ? new ErrorResult(StatusCodes.Status400BadRequest, "empty_body", "body: found no line; expected one JSON object on each line.")
            : new EventsResult(request.Tally, options.RetryAfter);
    }

    /// <summary>One request's batches.</summary>
    private sealed class Request(StreamRuntime stream, IngestionOptions options, TimeProvider time, string? traceParent)
    {
        private readonly Queue<(EventBatch Batch, Task<PublishOutcome> Outcome)> _inFlight = new();
        private EventBatch? _batch;
        private int _bytes;
        private bool _published;

        public RequestTally Tally { get; } = new(options.MaxListedRejects);

        /// <summary>False once something could not be stored: reading on would only lose more.</summary>
        public bool Open => Tally.Status == PublishStatus.Stored;

        public long Lines { get; private set; }

        public int Pending => _batch?.Count ?? 0;

        public bool BatchIsFull => Pending >= options.RequestBatchRows || _bytes >= options.BatchBytes;

        public void Add(InputRecord record)
        {
            if (_batch is null)
            {
                _batch = stream.Rent();
                _batch.Begin(HttpOrigin.Instance, time.GetUtcNow(), traceParent);
                _bytes = 0;
            }

            _batch.AddJson(record, Lines++);
            _bytes += record.Bytes.Length;
        }

        public async Task FlushAsync(CancellationToken cancellationToken)
        {
            if (_batch is not { } batch)
                return;
            _batch = null;
            batch.Seal();
            // The first batch may be refused at once; after that the sender is slowed down rather than cut off.
            var publish = _published ? await stream.Publisher.PublishAsync(batch, cancellationToken) : stream.Publisher.TryPublish(batch);
            if (publish is null)
            {
                var first = Lines - batch.Count;
                Tally.Fail(PublishStatus.Overloaded, "the publish queue is full", Enumerable.Range(0, batch.Count).Select(index => first + index));
                stream.Return(batch);
                return;
            }

            _published = true;
            _inFlight.Enqueue((batch, publish));
            while (_inFlight.Count >= options.RequestBatchesInFlight)
                await FinishOneAsync();
        }

        public async Task FinishAsync()
        {
            while (_inFlight.Count > 0)
                await FinishOneAsync();
        }

        private async Task FinishOneAsync()
        {
            var (batch, outcome) = _inFlight.Dequeue();
            Tally.Add(batch, await outcome);
            stream.Return(batch);
        }
    }
}
