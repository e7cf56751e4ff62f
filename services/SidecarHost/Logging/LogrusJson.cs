using System.Buffers;
using System.Globalization;
using System.Text.Json;

namespace RealTimeMesh.SidecarHost.Logging;

/// <summary>One JSON object a line, keys sorted.</summary>
internal sealed class LogrusJson : ILogFormat
{
    public void Write(IBufferWriter<byte> output, in LogLine line, LogIdentity identity)
    {
        var fields = new SortedDictionary<string, object?>(StringComparer.Ordinal)
        {
            ["time"] = line.TimeText, ["level"] = line.Level, ["msg"] = line.Message,
            ["instance"] = identity.Instance, ["scope"] = line.Scope, ["type"] = "log", ["ver"] = identity.Version,
        };
        if (identity.AppId.Length > 0)
            fields["app_id"] = identity.AppId;
        foreach (var (name, value) in line.Fields)
            fields[name] = value;
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            foreach (var (name, value) in fields)
                WriteField(json, name, value);
            json.WriteEndObject();
        }

        output.Write("\n"u8);
    }

    private static void WriteField(Utf8JsonWriter json, string name, object? value)
    {
        switch (value)
        {
            case int or long or short or byte:
                json.WriteNumber(name, Convert.ToInt64(value, CultureInfo.InvariantCulture));
                break;
            case bool truth:
                json.WriteBoolean(name, truth);
                break;
            default:
                json.WriteString(name, Convert.ToString(value, CultureInfo.InvariantCulture));
                break;
        }
    }
}
