using Microsoft.AspNetCore.Http;

namespace RealTimeMesh.Sidecar.Tests.BlackBox.Middleware;

/// <summary>What the tests of middleware are made of.</summary>
internal static class PipelineApps
{
    /// <summary>An app that tells its name and the path it was asked for; <c>/foo</c> answers with the body.</summary>
    public static Task<WebTestApp> StartAsync(string name) => WebTestApp.StartAsync(async context =>
    {
        if (context.Request.Path == "/foo")
            await context.Request.Body.CopyToAsync(context.Response.Body);
        else if (!context.Request.Path.StartsWithSegments("/dapr"))
            await context.Response.WriteAsync($"{name}:{context.Request.Path}{context.Request.QueryString}");
    });

    /// <param name="pipeline"><c>httpPipeline</c> or <c>appHttpPipeline</c>.</param>
    public static string Configuration(string pipeline, params (string Name, string Type)[] handlers) => $"""
        apiVersion: dapr.io/v1alpha1
        kind: Configuration
        metadata:
          name: middleware
        spec:
          {pipeline}:
            handlers:
        {string.Join("\n", handlers.Select(handler => $"    - name: {handler.Name}\n      type: middleware.http.{handler.Type}"))}
        """;

    /// <param name="routes">JSON, whose lines may begin with tabs.</param>
    public static string Aliases(string name, string routes) => $"""
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata:
          name: {name}
        spec:
          type: middleware.http.routeralias
          version: v1
          metadata:
          - name: routes
            value: '{routes}'
        """;

    public static string Uppercase(string name, params (string Name, string Value)[] settings) => Manifests.Component(name, "middleware.http.uppercase", settings);

    public static async Task<string> EchoAsync(Daprd source, Daprd target, string body = "hello")
    {
        var answer = await source.PostAsync($"/v1.0/invoke/{target.AppId}/method/foo", body);
        Assert.Equal(200, (int)answer.Status);
        return answer.Body;
    }
}
