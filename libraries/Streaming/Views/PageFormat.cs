using System.Text.Json;

namespace RealTimeMesh.Streaming;

/// <summary>
/// Pages as state rows: JSON that people and other programs can read (<c>key</c>, <c>windows</c> with their results)
/// plus <c>state</c>, the accumulators in base64, from which alone a page is restored. Belongs to one partition; not thread-safe.
/// </summary>
internal sealed class PageFormat(ViewPlan plan)
{
    private const byte Version = 1;

    private static readonly JsonEncodedText KeyName = JsonEncodedText.Encode("key");
    private static readonly JsonEncodedText WindowsName = JsonEncodedText.Encode("windows");
    private static readonly JsonEncodedText StartName = JsonEncodedText.Encode("start");
    private static readonly JsonEncodedText EndName = JsonEncodedText.Encode("end");
    private static readonly JsonEncodedText FinalName = JsonEncodedText.Encode("final");
    private static readonly JsonEncodedText StateName = JsonEncodedText.Encode("state");

    private readonly KeyCodec _keys = plan.NewKeyCodec();
    private readonly BlobWriter _blob = new();
    private readonly Dictionary<long, JsonEncodedText> _times = [];

    /// <summary>Writes a page as of a watermark. True where all its windows are closed.</summary>
    public bool Write(Utf8JsonWriter json, Page page, long watermark)
    {
        var allFinal = true;
        _blob.Clear();
        _blob.Byte(Version);
        _blob.Unsigned((ulong)page.Count);
        json.WriteStartObject();
        json.WriteStartObject(KeyName);
        _keys.WriteProperties(json, page.Key.Text);
        json.WriteEndObject();
        json.WriteStartArray(WindowsName);
        var first = page.Number * plan.PageWindows;
        for (var i = 0; i < plan.PageWindows; i++)
        {
            var slot = page.Find(i);
            if (slot < 0)
                continue;
            var cells = page.CellsOf(slot, plan);
            var objects = page.ObjectsOf(slot, plan);
            _blob.Byte((byte)i);
            json.WriteStartObject();
            json.WriteString(StartName, Time(first + i));
            json.WriteString(EndName, Time(first + i + 1));
            var final = watermark >= plan.ClosesAt(first + i);
            allFinal &= final;
            json.WriteBoolean(FinalName, final);
            for (var a = 0; a < plan.Aggregators.Length; a++)
            {
                json.WritePropertyName(plan.ColumnNames[a]);
                plan.Aggregators[a].WriteResult(json, plan.Cells(cells, a), objects[a]);
                plan.Aggregators[a].Save(_blob, plan.Cells(cells, a), objects[a]);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteBase64String(StateName, _blob.Written);
        json.WriteEndObject();
        return allFinal;
    }

    /// <summary>Fills an unloaded page from its row.</summary>
    public void Read(ReadOnlySpan<byte> row, Page page)
    {
        var reader = new Utf8JsonReader(row);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isState = reader.ValueTextEquals(StateName.EncodedUtf8Bytes);
            reader.Read();
            if (isState && reader.TokenType == JsonTokenType.String)
            {
                Restore(reader.GetBytesFromBase64(), page);
                return;
            }

            reader.Skip();
        }

        throw new StreamingException($"view '{plan.FullName}', group '{page.Key.Text}': the state row holds no 'state'; expected a row written by this service; delete the view's state to start it anew.");
    }

    private void Restore(ReadOnlySpan<byte> state, Page page)
    {
        var blob = new BlobReader(state);
        var version = blob.Byte();
        if (version != Version)
            throw new StreamingException($"view '{plan.FullName}', group '{page.Key.Text}': state of version {version}; expected {Version}; run the version of the service that wrote it.");
        page.Unload();
        for (var left = blob.Count(); left > 0; left--)
        {
            var window = blob.Byte();
            if (window >= plan.PageWindows)
                throw new StreamingException($"view '{plan.FullName}', group '{page.Key.Text}': window {window} in a page of {plan.PageWindows}; the state is damaged.");
            var slot = page.FindOrAdd(window, plan);
            var cells = page.CellsOf(slot, plan);
            var objects = page.ObjectsOf(slot, plan);
            for (var a = 0; a < plan.Aggregators.Length; a++)
                plan.Aggregators[a].Load(ref blob, plan.Cells(cells, a), ref objects[a]);
        }

        page.IsLoaded = true;
    }

    private JsonEncodedText Time(long window)
    {
        if (_times.TryGetValue(window, out var text))
            return text;
        if (_times.Count > 4096)
            _times.Clear();
        text = JsonEncodedText.Encode(EventTimes.Format(window * plan.WindowLength));
        _times.Add(window, text);
        return text;
    }
}
