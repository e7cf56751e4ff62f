using System.Text.Json;
using System.Text.Json.Serialization;

namespace RealTimeMesh.ServiceDefaults.Retries;

/// <summary>
/// The events of one key that wait, in their order, each with its tier: those ahead are in the same tier or a longer one. Idempotent:
/// an event is in it once, whatever is repeated after a crash.
/// </summary>
public sealed class KeyWaits
{
    private readonly List<Waiting> _waiting;
    private readonly HashSet<string> _finished = [];

    private KeyWaits(List<Waiting> waiting, string? etag) => (_waiting, ETag) = (waiting, etag);

    /// <summary>Version of the stored list; null where none is stored.</summary>
    public string? ETag { get; }

    public int Count => _waiting.Count;

    /// <summary>Events wait elsewhere than what is stored says.</summary>
    public bool Changed { get; private set; }

    public static KeyWaits Read(ReadOnlySpan<byte> json, string? etag) =>
        new(json.IsEmpty ? [] : JsonSerializer.Deserialize(json, WaitingJson.Default.ListWaiting) ?? [], json.IsEmpty ? null : etag);

    public byte[] Write() => JsonSerializer.SerializeToUtf8Bytes(_waiting, WaitingJson.Default.ListWaiting);

    /// <summary>The tier in which the event waits by this list; null where it does not wait.</summary>
    public int? TierOf(string id) => !_finished.Contains(id) && Find(id) is >= 0 and var place ? _waiting[place].Tier : null;

    /// <summary>The tier of the event before this one, or of the last for an event that is not in the list; null where none is before it.</summary>
    public int? TierAhead(string id)
    {
        var place = Find(id);
        if (place < 0)
            place = _waiting.Count;
        while (--place >= 0)
        {
            if (!_finished.Contains(_waiting[place].Id))
                return _waiting[place].Tier;
        }

        return null;
    }

    /// <summary>The event waits in a tier, behind all others where it is new.</summary>
    public void Put(string id, int tier)
    {
        var place = Find(id);
        if (place >= 0 && _waiting[place].Tier == tier)
            return;
        if (place >= 0)
            _waiting[place] = new Waiting(id, tier);
        else
            _waiting.Add(new Waiting(id, tier));
        Changed = true;
    }

    /// <summary>The event holds up no others any more. It stays in the list until it is removed, once its end is certain.</summary>
    public void Finish(string id) => _finished.Add(id);

    /// <summary>Removes events; false where none is in the list.</summary>
    public bool Remove(IEnumerable<string> ids)
    {
        var gone = ids.ToHashSet();
        return _waiting.RemoveAll(item => gone.Contains(item.Id)) > 0;
    }

    private int Find(string id) => _waiting.FindIndex(item => item.Id == id);

    internal sealed record Waiting([property: JsonPropertyName("i")] string Id, [property: JsonPropertyName("t")] int Tier);
}

[JsonSerializable(typeof(List<KeyWaits.Waiting>))]
internal sealed partial class WaitingJson : JsonSerializerContext;
