using Microsoft.AspNetCore.Http;
using RealTimeMesh.Contracts;
using RealTimeMesh.Ingestion.CloudEvents;
using RealTimeMesh.Ingestion.Forms;
using RealTimeMesh.Ingestion.Memory;
using RealTimeMesh.Ingestion.Publishing;
using RealTimeMesh.Ingestion.Rows;

namespace RealTimeMesh.Ingestion.FrontDoor;

/// <summary>
/// The batches of one request that is read as it comes: a few wait for the log while the next is filled; when these are
/// slow, filling stops and the sender feels it. <see cref="FinishAsync"/> must be awaited whatever happens, since what is
/// queued is stored and counted whether its sender still listens or not.
/// </summary>
/// <param name="request">The request.</param>
/// <param name="options">Limits.</param>
/// <param name="time">The clock.</param>
/// <param name="contentType">Media type of one event, where it is not JSON.</param>
internal sealed class RequestBatches(EventsRequest request, IngestionOptions options, TimeProvider time, string? contentType = null)
{
    /// <summary>A slow sender's events don't wait longer than this for their batch to fill.</summary>
    private static readonly TimeSpan Linger = TimeSpan.FromMilliseconds(20);

    /// <summary>Rows of a batch when all requests together hold more than they may: more would wait for memory that others need.</summary>
    private const int RowsWhenShort = 16;

    private readonly Queue<(EventBatch Batch, Task<PublishOutcome> Outcome, long Footprint)> _inFlight = new();
    private readonly EventOrigin _origin = contentType is null ? request.Origin : request.Origin with { ContentType = contentType };
    private EventBatch? _batch;
    private long _footprint;
    private int _bytes;
    private bool _published;

    public RequestTally Tally => request.Tally;

    /// <summary>False once something could not be stored: reading on would only lose more.</summary>
    public bool Open => Tally.Status == PublishStatus.Stored;

    /// <summary>Events taken so far; the position of the next one.</summary>
    public long Count { get; private set; }

    /// <summary>Events that wait for their batch to fill.</summary>
    public int Pending => _batch?.Count ?? 0;

    public bool BatchIsFull =>
        Pending >= options.RequestBatchRows || _bytes >= options.BatchBytes || _batch?.Bytes >= options.BatchBytes || (Pending >= RowsWhenShort && request.Memory.IsExceeded);

    /// <summary>Adds an event given as a JSON object.</summary>
    /// <param name="record">Its bytes.</param>
    /// <param name="id">The id it brings; null where it brings none.</param>
    public void AddJson(InputRecord record, string? id = null)
    {
        Fill().AddJson(record, Count, id);
        Added(1, record.Bytes.Length);
    }

    /// <summary>Adds an event in another form, which must be prepared for it.</summary>
    public void Add(IPayloadForm form, InputRecord record)
    {
        Fill().Add(form, record, Count);
        Added(1, record.Bytes.Length);
    }

    /// <summary>Adds the data of a CloudEvent, in JSON where <paramref name="form"/> is null.</summary>
    public void Add(EventAttributes attributes, IPayloadForm? form, InputRecord data)
    {
        Fill().Add(attributes, form, data, Count);
        Added(1, data.Bytes.Length);
    }

    /// <summary>Adds a CloudEvent whose form has been prepared for it.</summary>
    public void Add(UnpreparedEvent item) => Add(item.Attributes, item.Form, new InputRecord(item.Data.Span));

    /// <summary>Adds an event that is rejected.</summary>
    public void Reject(in RowFault fault, InputRecord original)
    {
        Fill().Reject(EventBatch.From(fault), original, Count);
        Added(1, original.Bytes.Length);
    }

    /// <summary>Adds what can't be read as the last event, rejected; nothing behind it can be read either.</summary>
    public void Stop(in RowFault fault, InputRecord rest)
    {
        var reason = EventBatch.From(fault);
        Fill().Reject(reason, rest, Count);
        Tally.Stopped = $"event {Count}: found {reason.Found}; expected {reason.Expected}";
        Added(1, rest.Bytes.Length);
    }

    /// <summary>Notes that an event could not be decided on, though nothing may be wrong with it.</summary>
    public void GiveUp(string reason) => Tally.Fail(PublishStatus.NotStored, reason, [Count]);

    /// <summary>The batch to add rows to, the first of them at position <see cref="Count"/>; then call <see cref="Added"/>.</summary>
    public EventBatch Fill()
    {
        if (_batch is null)
        {
            _batch = request.Stream.Rent();
            _batch.Begin(_origin, time.GetUtcNow(), request.TraceParent);
            _bytes = 0;
        }

        return _batch;
    }

    /// <summary>Counts events that were added to <see cref="Fill"/>'s batch, accepted or rejected, and the bytes they came in.</summary>
    public void Added(int events, int bytes)
    {
        Count += events;
        _bytes += bytes;
        if (_batch!.Footprint is var footprint && footprint > _footprint)
        {
            request.Memory.Take(footprint - _footprint);
            _footprint = footprint;
        }
    }

    /// <summary>
    /// Waits for input that is being read. Where none comes for a moment the events that wait are published, so that a
    /// slow sender's are not held back.
    /// </summary>
    public async Task<bool> ArrivedAsync(ValueTask<bool> reading, CancellationToken cancellationToken)
    {
        if (reading.IsCompleted || (Pending == 0 && _inFlight.Count == 0))
            return await reading;
        var arrived = reading.AsTask();
        if (Pending > 0 && await Task.WhenAny(arrived, Task.Delay(Linger, time, cancellationToken)) != arrived)
            await FlushAsync(cancellationToken);
        // A sender that pauses holds no batches.
        while (_inFlight.TryPeek(out var next) && await Task.WhenAny(arrived, next.Outcome) != arrived)
            await FinishOneAsync();
        return await arrived;
    }

    /// <summary>Adds the elements of a JSON array while they come; returns why one can't be decided on, and then reads no further.</summary>
    public async Task<string?> ReadElementsAsync(JsonArrayReader elements, ElementAdder add, CancellationToken cancellationToken)
    {
        while (Open)
        {
            if (elements.TryRead(out var element))
            {
                if (await add(element) is { } problem)
                    return problem;
                if (BatchIsFull)
                    await FlushAsync(cancellationToken);
            }
            else if (elements.Broken is { } broken)
            {
                Stop(broken, elements.Rest());
                break;
            }
            else if (!await ArrivedAsync(elements.FillAsync(cancellationToken), cancellationToken))
            {
                break;
            }
        }

        return null;
    }

    /// <summary>Publishes what waits; returns once few enough batches are on their way.</summary>
    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        if (_batch is not { } batch)
            return;
        _batch = null;
        var footprint = _footprint;
        _footprint = 0;
        batch.Seal();
        if (await RefusalAsync(batch, cancellationToken) is { } refusal)
        {
            Refuse(batch, refusal);
            Return(batch, footprint);
            return;
        }

        // The first batch may be refused at once; after that the sender is slowed down rather than cut off.
        var publish = _published
            ? await request.Stream.Publisher.PublishAsync(batch, request.Tenant, request.Counted, cancellationToken)
            : request.Stream.Publisher.TryPublish(batch, request.Tenant, request.Counted);
        if (publish is null)
        {
            Refuse(batch, "the publish queue is full");
            Return(batch, footprint);
            return;
        }

        _published = true;
        Tally.Publishing();
        _inFlight.Enqueue((batch, publish, footprint));
        while (_inFlight.Count >= options.RequestBatchesInFlight || (_inFlight.Count > 0 && request.Memory.IsExceeded))
            await FinishOneAsync();
    }

    /// <summary>Forgets what waits.</summary>
    public void Drop()
    {
        if (_batch is not { } batch)
            return;
        _batch = null;
        Return(batch, _footprint);
        _footprint = 0;
    }

    /// <summary>
    /// Runs the reading of a body and gives its answer. However the reading ends, what came before is stored and told.
    /// </summary>
    /// <param name="read">Adds the body's events; gives an answer of its own where it has one.</param>
    /// <param name="nothing">The answer's text where there was no event.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    public async Task<IResult> ReadAsync(Func<Task<IResult?>> read, string nothing, CancellationToken cancellationToken)
    {
        try
        {
            if (await read() is { } own)
                return own;
            await FlushAsync(cancellationToken);
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            await FlushAsync(cancellationToken);
            await FinishAsync();
            return BrokenOff(e.Message);
        }
        catch (MemoryRefusedException e)
        {
            await StopAsync(e, cancellationToken);
        }
        finally
        {
            // What is queued is stored and counted whether its sender still listens or not.
            await FinishAsync();
        }

        return Answer(nothing);
    }

    /// <summary>Takes note that there was no memory to read on.</summary>
    private async Task StopAsync(MemoryRefusedException refusal, CancellationToken cancellationToken)
    {
        await FlushAsync(cancellationToken);
        await FinishAsync();
        Tally.Fail(PublishStatus.Overloaded, refusal.Message, [Count]);
    }

    /// <summary>Returns once the outcome of every published batch is known.</summary>
    public async Task FinishAsync()
    {
        while (_inFlight.Count > 0)
            await FinishOneAsync();
    }

    /// <summary>The answer; <paramref name="empty"/> says what was expected of a request that brought no event.</summary>
    public IResult Answer(string empty) => Count == 0
        ? new ErrorResult(StatusCodes.Status400BadRequest, "empty_body", empty)
        : new EventsResult(Tally, options.RetryAfter);

    /// <summary>The answer to a body that broke off: what came before is told, because it is stored.</summary>
    private ErrorResult BrokenOff(string reason) => new(
        StatusCodes.Status400BadRequest,
        "body",
        $"body: broke off ({reason}) after {Count} events, of which {Tally.Accepted} were accepted and {Tally.Rejected} rejected.");

    /// <summary>Why the tenant's rate forbids a batch; null where it doesn't. Once events of the request are stored, what comes too fast waits.</summary>
    private async ValueTask<string?> RefusalAsync(EventBatch batch, CancellationToken cancellationToken)
    {
        var patience = _published ? options.RoomTimeout : TimeSpan.Zero;
        while (true)
        {
            var wait = request.Tenant.TryTake(batch.Count, _bytes);
            if (wait == TimeSpan.Zero)
                return null;
            if (wait > patience)
            {
                Tally.RetryAfter = wait;
                return $"tenant '{request.Tenant.Name}' sends more than its limit";
            }

            patience -= wait;
            await Task.Delay(wait, time, cancellationToken);
        }
    }

    private void Refuse(EventBatch batch, string reason)
    {
        var first = Count - batch.Count;
        Tally.Fail(PublishStatus.Overloaded, reason, Enumerable.Range(0, batch.Count).Select(index => first + index));
    }

    private async Task FinishOneAsync()
    {
        var (batch, outcome, footprint) = _inFlight.Dequeue();
        Tally.Add(batch, await outcome);
        Return(batch, footprint);
    }

    private void Return(EventBatch batch, long footprint)
    {
        request.Stream.Return(batch);
        request.Memory.Return(footprint);
    }
}

/// <summary>Adds an element of an array; returns why it can't be decided on now, else null.</summary>
internal delegate ValueTask<string?> ElementAdder(InputRecord element);
