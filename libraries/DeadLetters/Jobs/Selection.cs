using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using RealTimeMesh.Topics.Requests;

namespace RealTimeMesh.DeadLetters.Jobs;

/// <summary>What a preview showed: work that brings it is done on these letters, or refused.</summary>
/// <param name="Through">Number of the newest letter then.</param>
/// <param name="Count">Letters that were meant.</param>
/// <param name="Meaning">What was asked, so that a token is good for that alone.</param>
internal readonly record struct Selection(long Through, long Count, string Meaning)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Through}.{Count}.{Meaning}");

    public static string MeaningOf(string kind, JobRequest request) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(JobJson.Meaning(kind, request))))[..16];

    public static Selection Parse(string token) =>
        token.Split('.') is [var through, var count, { Length: 16 } meaning] && long.TryParse(through, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && long.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var letters)
            ? new Selection(number, letters, meaning)
            : throw Refuse.Invalid("token", $"'{token}'", "the token of a preview", "preview first");
}
