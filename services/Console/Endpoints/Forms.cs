using System.Globalization;
using Microsoft.AspNetCore.Http;
using RealTimeMesh.Console.Actions;

namespace RealTimeMesh.Console.Endpoints;

/// <summary>What the forms of pages hold, and what becomes of them.</summary>
internal static class Forms
{
    private const int MaxText = 500;

    /// <summary>Begins what a form asks for; its page tells how it goes.</summary>
    public static async Task<IResult> ActAsync(HttpRequest request, ActionRunner runner, Func<IFormCollection, ActionOrder?> order, string expected)
    {
        if (!runner.IsAllowed)
            return Text(StatusCodes.Status403Forbidden, "Nothing can be changed from this console: it listens beyond this machine, or MESH_CONSOLE_ACTIONS is off. Set MESH_CONSOLE_ACTIONS=on to allow it.");
        if (!request.HasFormContentType)
            return Text(StatusCodes.Status415UnsupportedMediaType, "Found another body; expected a form.");
        var form = await request.ReadFormAsync(request.HttpContext.RequestAborted);
        if (order(form) is not { } known)
            return Text(StatusCodes.Status400BadRequest, $"Found a form with fields {string.Join(", ", form.Keys)}; expected {expected}.");
        return runner.Start(known) is { } action
            ? Results.Redirect($"/actions/{action.Id}", permanent: false, preserveMethod: false)
            : Text(StatusCodes.Status503ServiceUnavailable, "Too much is under way already; wait until something has ended.");
    }

    public static string Who(IFormCollection form) => Given(form, "who") is { } name ? $"{name} (console)" : "console";

    public static long? Whole(IFormCollection form, string name) => long.TryParse(form[name], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) ? value : null;

    public static string? Given(IFormCollection form, string name, int most = MaxText) => form[name].ToString().Trim() is { Length: > 0 } text ? text[..Math.Min(text.Length, most)] : null;

    public static IResult Text(int status, string text) => Results.Text(text, "text/plain; charset=utf-8", statusCode: status);
}
