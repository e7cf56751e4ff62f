using System.Buffers.Text;

namespace RealTimeMesh.Sidecar.PubSub;

/// <summary>Checks that the entries of a bulk request can be told apart.</summary>
internal static class EntryIds
{
    public static bool AreDistinct(BulkPublishFrame frame)
    {
        // Clients that number their entries need no set.
        for (var i = 0; i < frame.Entries.Count; i++)
        {
            var id = frame.Entry(i).Id.In(frame.Buffer);
            if (!(Utf8Parser.TryParse(id, out int number, out var used) && used == id.Length && number == i && id.Length == Digits(i)))
                return AreDistinctTexts(frame);
        }

        return true;
    }

    private static bool AreDistinctTexts(BulkPublishFrame frame)
    {
        var seen = new HashSet<string>(frame.Entries.Count, StringComparer.Ordinal);
        for (var i = 0; i < frame.Entries.Count; i++)
        {
            var id = frame.Text(frame.Entry(i).Id);
            if (id.Length == 0 || !seen.Add(id))
                return false;
        }

        return true;
    }

    private static int Digits(int number)
    {
        var digits = 1;
        while ((number /= 10) > 0)
            digits++;
        return digits;
    }
}
